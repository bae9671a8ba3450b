/** Where a server is in its life. */
export type LifeStage = 'starting' | 'ready' | 'stopping';

const answer = (status: number, text: string): Response =>
  Response.json({ status: text }, { status, headers: { 'cache-control': 'no-store' } });

/**
 * The answer to `/health` (the process lives: 200) and `/ready` (it answers requests: 200, else 503), for those who watch
 * over the server: also while its model is loading, and whatever host it is asked under. Undefined for other addresses.
 */
export function signsOfLife(path: string, stage: LifeStage): Response | undefined {
  if (path === '/health') return answer(200, 'alive');
  if (path === '/ready') return answer(stage === 'ready' ? 200 : 503, stage);
  return undefined;
}
