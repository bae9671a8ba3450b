import type { NdArray } from '../tensor/index.ts';

/** Recall at the ranks that the field reports, 0 … 1, and how many queries it averages. */
export interface Recall {
  readonly queries: number;
  readonly at1: number;
  readonly at5: number;
  readonly at10: number;
}

/**
 * The rank of each query's best correct candidate: how many wrong candidates score at least as high. A tie counts
 * against the model.
 * @param similarity [queries, candidates]
 * @param queryClass what each query asks for; a candidate is correct when its class is the same
 * @returns 0 for a hit at the first place; Infinity where no candidate is correct
 */
export function ranks(
  similarity: NdArray<'float32'>,
  queryClass: ArrayLike<number>,
  candidateClass: ArrayLike<number>,
): Float64Array {
  const [queries, candidates] = similarity.shape as [number, number];
  const result = new Float64Array(queries);
  for (let q = 0; q < queries; q++) {
    const row = similarity.data.subarray(q * candidates, (q + 1) * candidates);
    let best = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < candidates; c++) {
      if (candidateClass[c] === queryClass[q] && row[c]! > best) best = row[c]!;
    }
    let rank = 0;
    for (let c = 0; c < candidates; c++) if (candidateClass[c] !== queryClass[q] && row[c]! >= best) rank++;
    result[q] = best === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : rank;
  }
  return result;
}

/** Recall@1, 5 and 10 of ranks that start at 0 (big_vision's image-text retrieval; SPEC F.5). */
export function recall(all: ArrayLike<number>): Recall {
  const values = Array.from(all);
  const share = (k: number) => values.filter((rank) => rank < k).length / Math.max(values.length, 1);
  return { queries: values.length, at1: share(1), at5: share(5), at10: share(10) };
}

/** What guessing would reach: k out of the candidates. */
export const chanceRecall = (queries: number, candidates: number): Recall => ({
  queries,
  at1: Math.min(1, 1 / candidates),
  at5: Math.min(1, 5 / candidates),
  at10: Math.min(1, 10 / candidates),
});

/** The plain mean of several recalls (each counts the same, as XM3600 averages languages). */
export function meanRecall(all: readonly Recall[]): Recall {
  const mean = (pick: (one: Recall) => number) =>
    all.reduce((sum, one) => sum + pick(one), 0) / Math.max(all.length, 1);
  return {
    queries: all.reduce((sum, one) => sum + one.queries, 0),
    at1: mean((one) => one.at1),
    at5: mean((one) => one.at5),
    at10: mean((one) => one.at10),
  };
}
