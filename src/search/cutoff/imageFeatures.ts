import type { Embeddings } from '../../encoder/embeddings.ts';
import { type Background, drawnTowards, lowerBackground } from './background.ts';
import { rowsOf, scoresOf, scoreTable } from './scores.ts';

/** What is known of two pictures. */
export interface ImageFeatures {
  /** Their score above the background of each over the collection, in spreads: the mean of both. */
  readonly height: number;
  readonly logCount: number;
}

/**
 * What two pictures score that have nothing to do with each other, where the collection is too small to tell. That
 * differs between models; this is the embedded model's among emoji.
 */
const EXPECTED: Background = { centre: 0.3, spread: 0.15 };

const backgroundOf = (scores: Float64Array): Background =>
  drawnTowards(lowerBackground(scores), scores.length, EXPECTED);

/** What a picture scores over the collection. */
export const imageBackground = (picture: Float32Array, sample: Embeddings): Background =>
  backgroundOf(scoresOf(picture, sample));

/** The same of each of several pictures. */
export function imageBackgrounds(pictures: Embeddings, sample: Embeddings): Background[] {
  const [table, n] = [scoreTable(pictures, sample), rowsOf(sample)];
  return Array.from({ length: rowsOf(pictures) }, (_, i) => backgroundOf(table.subarray(i * n, (i + 1) * n)));
}

/**
 * @param query the background of the query
 * @param scores of the query and each candidate
 * @param candidates the background of each
 * @param count pictures that the candidates are the best of
 */
export function imageFeatures(
  query: Background,
  scores: ArrayLike<number>,
  candidates: readonly Background[],
  count: number,
): ImageFeatures[] {
  const above = (score: number, { centre, spread }: Background) => (score - centre) / spread;
  const logCount = Math.log(Math.max(count, 1));
  return Array.from(scores, (score, i) => ({
    height: (above(score, query) + above(score, candidates[i]!)) / 2,
    logCount,
  }));
}
