import type { LogitScalars } from '../../encoder/classify.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import { FITS, IMAGE, TEXT } from './coefficients.ts';
import { type ImageFeatures, imageBackground, imageBackgrounds, imageFeatures } from './imageFeatures.ts';
import { firstRows, rowsOf, scoresOf } from './scores.ts';
import { pictureCentres, type TextFeatures, textBackground, textFeatures } from './textFeatures.ts';

/** Whether a picture fits a query. */
export interface Verdict {
  /** Probability that it fits, 0 … 1: of pictures shown with 0.7, seven in ten fit. */
  readonly probability: number;
  /** Whether that is enough to show it as an answer (at least 0.4). */
  readonly fits: boolean;
}

/** What the query's vector is of: a text; or an image, also where a text is mixed in. */
export type QueryKind = 'text' | 'image';

/**
 * Judges candidates.
 * @param query unit length, [d]
 * @param candidates pictures, [k, d], usually the nearest
 * @param count pictures that the candidates are the best of, where a filter leaves fewer. Default: the collection's
 * @returns one verdict a candidate; where none fits, nothing does
 */
export type Judge = (
  query: Float32Array,
  candidates: Embeddings,
  kind: QueryKind,
  count?: number,
) => Verdict[];

/** What judging needs to know of a collection and its model. */
export interface JudgeSource {
  /** The model's. Its bias cancels out: scores are compared with other scores of the same model. */
  readonly scalars: LogitScalars;
  /** Pictures that stand for the collection, [n, d]. */
  readonly sample: Embeddings;
  /** `COMMON_QUERIES`, [m, d]. */
  readonly common: Embeddings;
  /** Pictures of the collection. */
  readonly count: number;
}

/** With so many pictures, the background of common queries is known well enough. */
const BACKGROUND_PICTURES = 512;

const verdict = (logit: number): Verdict => {
  const probability = 1 / (1 + Math.exp(-logit));
  return { probability, fits: probability >= FITS };
};

const imageVerdict = ({ height, logCount }: ImageFeatures): Verdict =>
  verdict(IMAGE.constant + IMAGE.height * height + IMAGE.logCount * logCount);

const textVerdict = ({ lift, vagueness, logCount, falseHits }: TextFeatures): Verdict =>
  verdict(
    TEXT.constant +
      TEXT.lift * lift +
      TEXT.vagueness * vagueness +
      TEXT.logCount * logCount -
      Math.log1p(falseHits),
  );

/**
 * Makes what tells whether pictures fit a query. The sigmoid head's own probability does not: its zero differs between
 * queries, pictures and models, and the best of many wrong pictures is high by chance. So a pair's score is compared with
 * what the picture scores on common queries and the query over the collection, and the number of pictures counts.
 *
 * Another picture as query is compared with the background of both over the collection alone, since the head was not
 * trained on pairs of pictures.
 */
export function createJudge(source: JudgeSource): Judge {
  const { scalars, sample, common } = source;
  const temperature = Math.exp(scalars.logTemperature);
  const some = firstRows(sample, BACKGROUND_PICTURES);
  const background = rowsOf(sample) > 0 ? textBackground(some, common) : undefined;
  const byImage: Judge = (query, candidates, _, count = source.count) => {
    const backgrounds = imageBackgrounds(candidates, some);
    const scores = scoresOf(query, candidates);
    return imageFeatures(imageBackground(query, some), scores, backgrounds, count).map(imageVerdict);
  };
  const byText: Judge = (query, candidates, _, count = source.count) =>
    textFeatures(background ?? textBackground(candidates, common), temperature, {
      background: scoresOf(query, sample),
      scores: scoresOf(query, candidates),
      centres: pictureCentres(candidates, common),
      count,
    }).map(textVerdict);
  return (query, candidates, kind, count) => {
    if (rowsOf(candidates) === 0) return [];
    return (kind === 'image' ? byImage : byText)(query, candidates, kind, count);
  };
}
