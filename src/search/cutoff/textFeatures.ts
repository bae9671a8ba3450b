import type { Embeddings } from '../../encoder/embeddings.ts';
import { type Background, drawnTowards, lowerBackground, median, medianBackground } from './background.ts';
import { expectedFalseHits } from './falseHits.ts';
import { rowsOf, scoreTable } from './scores.ts';

/** What is known of a text and a picture, in units that do not depend on the model. */
export interface TextFeatures {
  /** Logits that the sigmoid head gives to the pair more than to common queries of the same picture (their median). */
  readonly lift: number;
  /**
   * How much more the query scores over the collection than common queries do, in spreads of theirs, −3 … 3. Beyond that,
   * it is not vague: the collection shows it.
   */
  readonly vagueness: number;
  /** How many pictures that do not fit are expected to score as much. */
  readonly falseHits: number;
  readonly logCount: number;
}

/** How texts score over a collection. */
export interface TextBackground {
  /** Of all pairs of a picture and a common query. */
  readonly pairs: Background;
  /** Of the common queries' own centres over the collection. */
  readonly queries: Background;
}

/** No query is taken to be vaguer than this, in spreads of the common queries. */
const MOST_VAGUE = 3;

/** Root of the mean square of the distance from the centre. */
function spreadAround(centre: number, values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
}

/** The median of every row of a table. */
const rowMedians = (table: Float64Array, width: number): number[] =>
  Array.from({ length: table.length / width }, (_, i) => median(table.subarray(i * width, (i + 1) * width)));

/**
 * @param sample pictures, [n, d], n ≥ 1
 * @param common common queries, [m, d]
 */
export function textBackground(sample: Embeddings, common: Embeddings): TextBackground {
  const n = rowsOf(sample);
  const all = scoreTable(common, sample);
  const centre = median(all);
  const pairs = { centre, spread: spreadAround(centre, all) };
  const own = medianBackground(rowMedians(all, n));
  return { pairs, queries: { ...own, spread: Math.max(own.spread, pairs.spread / 5) } };
}

/** What each picture scores on the common queries: the median. [n, d] and [m, d] → n */
export const pictureCentres = (pictures: Embeddings, common: Embeddings): number[] =>
  rowMedians(scoreTable(pictures, common), rowsOf(common));

/** Candidates of a query. */
export interface TextCandidates {
  /** Of the query over the sample. */
  readonly background: Float64Array;
  /** Of the query and each candidate. */
  readonly scores: ArrayLike<number>;
  /** `pictureCentres` of the candidates. */
  readonly centres: ArrayLike<number>;
  /** Pictures that the candidates are the best of. */
  readonly count: number;
}

/** @param temperature that the sigmoid head multiplies scores with */
export function textFeatures(
  { pairs, queries }: TextBackground,
  temperature: number,
  { background, scores, centres, count }: TextCandidates,
): TextFeatures[] {
  const own = drawnTowards(lowerBackground(background), background.length, pairs);
  const above = (own.centre - queries.centre) / queries.spread;
  const vagueness = Math.min(Math.max(above, -MOST_VAGUE), MOST_VAGUE);
  const level = queries.centre + vagueness * queries.spread;
  const logCount = Math.log(Math.max(count, 1));
  return Array.from(scores, (score, i) => {
    const centre = centres[i]!;
    const z = (score - level - (centre - pairs.centre)) / own.spread;
    return {
      lift: temperature * (score - centre),
      vagueness,
      falseHits: expectedFalseHits(z, count),
      logCount,
    };
  });
}
