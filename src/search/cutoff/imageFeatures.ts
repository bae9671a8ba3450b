import type { Embeddings } from '../../encoder/embeddings.ts';
import { type Background, drawnTowards, lowerBackground } from './background.ts';
import { row, rowsOf, scoresOf } from './scores.ts';

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

const heights = (own: Float32Array, sample: Embeddings) => {
  const { centre, spread } = drawnTowards(lowerBackground(scoresOf(own, sample)), rowsOf(sample), EXPECTED);
  return (score: number) => (score - centre) / spread;
};

/**
 * @param sample pictures, [n, d]
 * @param query a picture, [d]
 * @param candidates [k, d]
 * @param count pictures that the candidates are the best of
 */
export function imageFeatures(
  sample: Embeddings,
  query: Float32Array,
  candidates: Embeddings,
  count: number,
): ImageFeatures[] {
  const overQuery = heights(query, sample);
  const logCount = Math.log(Math.max(count, 1));
  return Array.from(scoresOf(query, candidates), (score, i) => ({
    height: (overQuery(score) + heights(row(candidates, i), sample)(score)) / 2,
    logCount,
  }));
}
