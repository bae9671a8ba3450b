import type { Neighbour, StoredVectors } from '../collection/collection.ts';
import { innerProduct } from '../collection/vectors/innerProduct.ts';
import type { Candidate } from './candidates.ts';

/** Vectors of some ids, in any order; of those that are gone there are none. */
export type Fetch = (ids: readonly number[]) => Promise<StoredVectors>;

/** Vectors that are fetched at once: at first, so that most searches need one call, and at most. */
const FIRST = 96;
const MOST = 4096;

const better = (a: Neighbour, b: Neighbour): number => b.score - a.score || a.id - b.id;

/**
 * The best of the candidates by their stored vectors: fetches as many as it takes until no other can be among them.
 * @param candidates best upper bound first
 * @returns the best, and ids that were asked for in vain
 */
export async function rescore(
  candidates: readonly Candidate[],
  query: Float32Array,
  limit: number,
  fetch: Fetch,
): Promise<{ best: Neighbour[]; lost: number[] }> {
  let best: Neighbour[] = [];
  const lost: number[] = [];
  let size = Math.max(FIRST, Math.ceil(limit * 1.25));
  for (let start = 0; start < candidates.length; size = MOST) {
    // An equal score may still come before, by its id.
    const bar = best.length < limit ? -Infinity : best.at(-1)!.score;
    const batch = candidates.slice(start, start + size).filter(({ upper }) => upper >= bar);
    if (batch.length === 0) break;
    start += batch.length;
    const ids = batch.map(({ id }) => id);
    const scored = scoresOf(await fetch(ids), query);
    lost.push(...idsWithout(ids, scored));
    best = [...best, ...scored].sort(better).slice(0, limit);
  }
  return { best, lost };
}

function scoresOf({ ids, vectors }: StoredVectors, query: Float32Array): Neighbour[] {
  if (vectors.length !== ids.length * query.length)
    throw new RangeError(`${ids.length} vectors of ${query.length} values are not ${vectors.length} values`);
  return ids.map((id, row) => ({ id, score: innerProduct(query, vectors, row) }));
}

function idsWithout(ids: readonly number[], scored: readonly Neighbour[]): number[] {
  const found = new Set(scored.map(({ id }) => id));
  return ids.filter((id) => !found.has(id));
}
