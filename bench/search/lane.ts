import { z } from 'zod';
import type { FilterName } from './searchSet.ts';

/** What a lane writes down; a lane is a process of its own, so that its memory is its own. */
export const laneSchema = z.object({
  /** Seconds from the vectors to the first answer. */
  build: z.number(),
  /** Seconds until what was built is open again. */
  open: z.number(),
  /** Bytes of all that it keeps. */
  disk: z.number(),
  /** Bytes of its process's memory after the searches, less what it had before it opened. */
  memory: z.number(),
  /** By filter. */
  searches: z.record(
    z.string(),
    z.object({
      /** Milliseconds of every search. */
      times: z.array(z.number()),
      /** Rows that were found for every query, best first. */
      rows: z.array(z.array(z.number())),
    }),
  ),
  note: z.string().optional(),
});
export type LaneResult = z.output<typeof laneSchema>;

/** How often all queries are asked; the first time does not count. */
export const ROUNDS = 5;

/** Asks all queries, in rounds. */
export async function timeSearches(
  queries: readonly Float32Array[],
  filters: readonly FilterName[],
  search: (query: Float32Array, filter: FilterName) => Promise<readonly number[]>,
): Promise<LaneResult['searches']> {
  const searches: LaneResult['searches'] = {};
  for (const filter of filters) {
    const times: number[] = [];
    const rows: number[][] = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const [q, query] of queries.entries()) {
        const start = performance.now();
        const found = await search(query, filter);
        if (round > 0) times.push(performance.now() - start);
        rows[q] = [...found];
      }
    searches[filter] = { times, rows };
  }
  return searches;
}

/** What an action gives, and how many seconds it took. */
export async function seconds<T>(action: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const value = await action();
  return [value, (performance.now() - start) / 1000];
}
