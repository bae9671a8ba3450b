import { matchProbabilities } from '../../encoder/classify.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { type PatchScores, scoresOfPatches } from '../../encoder/patchScores.ts';
import type { Box } from '../../input/image/box.ts';
import type { ImageSize } from '../../input/image/naflex/naflexSize.ts';
import { cosinesOf, heatRange } from '../../search/regions/heat.ts';
import { hotBox } from '../../search/regions/hotBox.ts';
import type { Look } from './look.ts';

/** Where an image shows a text. */
export interface TextHeat {
  readonly text: string;
  readonly probability: number;
  readonly rows: number;
  readonly columns: number;
  /** Shares of the image. */
  readonly area: Box;
  /** 0 … 1 */
  readonly values: number[][];
  readonly least: number;
  readonly most: number;
  readonly box: Box | null;
}

/** Where all cosines are one, no place is better than another. */
const SMALLEST_SPAN = 1e-6;

/** A box in shares of an image. */
export const shareOf = ({ x1, y1, x2, y2 }: Box, { width, height }: ImageSize): Box => ({
  x1: x1 / width,
  y1: y1 / height,
  x2: x2 / width,
  y2: y2 / height,
});

/** Row by row. */
export const inRows = (values: ArrayLike<number>, columns: number): number[][] =>
  Array.from({ length: values.length / columns }, (_, row) =>
    Array.from({ length: columns }, (_, column) => values[row * columns + column]!),
  );

/** Enough digits for a colour. */
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

function heatOf(scores: PatchScores, query: number): Omit<TextHeat, 'text' | 'probability'> {
  const { rows, columns, size } = scores;
  const { least, most } = heatRange(scores, query);
  const span = Math.max(most - least, SMALLEST_SPAN);
  const values = Array.from(cosinesOf(scores, query), (cosine) => rounded((cosine - least) / span));
  return {
    ...{ rows, columns, area: shareOf(scores.area, size), values: inRows(values, columns), least, most },
    box: most - least < SMALLEST_SPAN ? null : shareOf(hotBox(scores, query), size),
  };
}

/** Compares the patches of an image with texts. */
export async function scoreTexts(
  encoder: Pick<Encoder, 'embedTexts'>,
  { patches, size, preprocessing }: Look,
  texts: readonly string[],
) {
  const embedded = await encoder.embedTexts(texts);
  return { embedded, scores: scoresOfPatches(patches, size, embedded, preprocessing) };
}

/** Where an image shows each of some texts. */
export async function heatmapOf(
  encoder: Pick<Encoder, 'embedTexts' | 'logitScalars'>,
  look: Look,
  texts: readonly string[],
): Promise<TextHeat[]> {
  const { embedded, scores } = await scoreTexts(encoder, look, texts);
  const { data } = matchProbabilities(look.embedding, embedded, encoder.logitScalars);
  return texts.map((text, query) => ({ text, probability: data[query]!, ...heatOf(scores, query) }));
}
