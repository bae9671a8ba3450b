import type { InferResponseType } from 'hono/client';
import { client } from '../shared/client.ts';

const { runs } = client.v1;

/** A run as the list has it. */
export type RunSummary = InferResponseType<typeof runs.$get>['runs'][number];

/** All of a run. */
export type Run = InferResponseType<(typeof runs)[':name']['$get']>;
export type RunEvaluation = Run['evaluations'][number];
export type RunSample = Run['samples'][number];

/** All runs, the latest first. */
export async function getRuns(signal: AbortSignal): Promise<RunSummary[]> {
  return (await (await runs.$get(undefined, { init: { signal } })).json()).runs;
}

/** Address of the stream of a run: the whole run, at once and whenever it has changed. */
export const runEvents = (name: string): string =>
  runs[':name'].events.$path({ param: { name: encodeURIComponent(name) } });
