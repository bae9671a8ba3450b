import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { dot } from './vectors/vectors.ts';

/** Embeddings of one text differ by less, with other texts in the batch. */
const SAME = 1 - 1e-6;

/** A text without its last letter or digit, and what follows it. */
const shortened = (text: string): string => text.replace(/[\p{L}\p{N}][^\p{L}\p{N}]*$/u, '');

/**
 * The texts of which a model does not read the end: those that embed as they do without their last letter. A text has no
 * more tokens than bytes, so that short ones need no look.
 * @param embeddings of the texts, [texts, d]
 */
export async function cutTexts(
  encoder: Pick<Encoder, 'config' | 'width' | 'embedTexts'>,
  texts: readonly string[],
  embeddings: Embeddings,
): Promise<string[]> {
  const { width } = encoder;
  const places = [...texts.keys()].filter(
    (place) => Buffer.byteLength(texts[place]!) >= encoder.config.text.length,
  );
  if (places.length === 0) return [];
  const { data } = await encoder.embedTexts(places.map((place) => shortened(texts[place]!)));
  const isCut = (place: number, row: number) =>
    dot(data.subarray(row * width, (row + 1) * width), embeddings.data, place * width) > SAME;
  return places.filter(isCut).map((place) => texts[place]!);
}
