import type { Arrays, Session } from '../../src/tensor/index.ts';

/**
 * By how many KiB the process's largest memory grows when a session runs, once; then it is disposed of. Vitest gives
 * each file a process of its own, so that its largest memory is that file's.
 */
export async function memoryGrowth(session: Session, feeds: Arrays): Promise<number> {
  const before = process.resourceUsage().maxRSS;
  await session.run(feeds);
  const after = process.resourceUsage().maxRSS;
  await session.dispose();
  return after - before;
}
