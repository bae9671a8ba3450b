import type { NdArray } from '../../tensor/index.ts';

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
 * @param isCorrect whether a candidate is a right answer to a query, both by their index
 * @returns 0 for a hit at the first place; Infinity where no candidate is correct
 * @throws RangeError when a similarity is not a number: it can be ranked nowhere
 */
export function ranksWhere(
  similarity: NdArray<'float32'>,
  isCorrect: (query: number, candidate: number) => boolean,
): Float64Array {
  const [queries, candidates] = similarity.shape as [number, number];
  const result = new Float64Array(queries);
  for (let q = 0; q < queries; q++) {
    const row = similarity.data.subarray(q * candidates, (q + 1) * candidates);
    let best = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < candidates; c++) {
      if (Number.isNaN(row[c]!))
        throw new RangeError(`the similarity of query ${q} and candidate ${c} is NaN`);
      if (row[c]! > best && isCorrect(q, c)) best = row[c]!;
    }
    let rank = 0;
    for (let c = 0; c < candidates; c++) if (row[c]! >= best && !isCorrect(q, c)) rank++;
    result[q] = best === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : rank;
  }
  return result;
}

/**
 * As `ranksWhere`, for answers that are classes.
 * @param queryClass what each query asks for; a candidate is correct when its class is the same
 * @example
 * const similarity = float32([2, 2], [0.9, 0.1, 0.8, 0.2]);
 * console.log(recall(ranks(similarity, [0, 1], [0, 1])));
 */
export const ranks = (
  similarity: NdArray<'float32'>,
  queryClass: ArrayLike<number>,
  candidateClass: ArrayLike<number>,
): Float64Array => ranksWhere(similarity, (q, c) => candidateClass[c] === queryClass[q]);

/**
 * Recall@1, 5 and 10 of ranks that start at 0 (big_vision `image_text_retrieval.py`).
 * @example
 * console.log(recall([0, 0, 7, 12]));
 */
export function recall(all: ArrayLike<number>): Recall {
  const values = Array.from(all);
  const share = (k: number) => values.filter((rank) => rank < k).length / Math.max(values.length, 1);
  return { queries: values.length, at1: share(1), at5: share(5), at10: share(10) };
}

/**
 * Chance that k different candidates of n include one of the m right ones: 1 − C(n−m, k)/C(n, k).
 * @returns 0 where none is right
 */
export function chanceOf(m: number, n: number, k: number): number {
  if (m <= 0) return 0;
  if (m === 1) return Math.min(1, k / n);
  let miss = 1;
  // Drawing all but the right ones, or all, leaves a right one to be drawn.
  for (let i = 0; i < k && miss > 0; i++) miss *= Math.max(n - m - i, 0) / (n - i);
  return 1 - miss;
}

/**
 * What guessing would reach: the mean over queries.
 * @param right for each query, how many of the candidates are right
 */
export function chanceOfAll(right: readonly number[], candidates: number): Recall {
  const mean = (k: number) =>
    right.reduce((sum, m) => sum + chanceOf(m, candidates, k), 0) / Math.max(right.length, 1);
  return { queries: right.length, at1: mean(1), at5: mean(5), at10: mean(10) };
}

/**
 * What guessing would reach where one candidate is right for each query.
 * @example
 * console.log(chanceRecall(100, 100));
 */
export const chanceRecall = (queries: number, candidates: number): Recall => {
  const at = (k: number) => chanceOf(Math.min(1, candidates), candidates, k);
  return { queries, at1: at(1), at5: at(5), at10: at(10) };
};

/**
 * The plain mean of several recalls (each counts the same, as XM3600 averages languages).
 * @example
 * console.log(meanRecall([recall([0, 3]), recall([1, 1])]));
 */
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
