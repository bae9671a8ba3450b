/** Embeddings of emoji in several drawing styles, by the embedded model, for measurements of search. */
import { buildEmojiDataset, SPLIT_SEED } from '../datasets/emoji/index.ts';
import type { Encoder } from '../src/encoder/encoder.ts';
import { load } from '../src/encoder/load.ts';
import { composite, type RgbaPixels } from '../src/input/image/rgbaImage.ts';
import { type RgbImage, rgbImage } from '../src/input/image/rgbImage.ts';

const SIZE = 64;
const SKIN_TONE = /1f3f[b-f]/;
/** The first was never trained on. */
export const STYLES = ['noto', 'twemoji', 'openmoji', 'fluent'] as const;

export interface EmojiVectors {
  readonly encoder: Encoder;
  readonly names: readonly string[];
  readonly keywords: readonly (readonly string[])[];
  /** [emoji, width] of each style. */
  readonly styles: Readonly<Record<(typeof STYLES)[number], Float32Array>>;
  picture(style: (typeof STYLES)[number], emoji: number): RgbImage;
}

/** Emoji without skin tones; drawings are rendered once and kept in .cache. */
export async function emojiVectors(): Promise<EmojiVectors> {
  const dataset = await buildEmojiDataset({
    seed: SPLIT_SEED,
    size: SIZE,
    locales: ['en'],
    heldOut: { locales: 0 },
  });
  const concepts = dataset.concepts.filter(({ id }) => !SKIN_TONE.test(id));
  const encoder = await load();
  const onWhite = (pixels: RgbaPixels) => rgbImage(SIZE, SIZE, composite(pixels));
  const picture = (style: (typeof STYLES)[number], emoji: number) =>
    onWhite(dataset.picture(style, concepts[emoji]!.index));
  const embedded = STYLES.map(async (style) => {
    const { data } = await encoder.embedImages(concepts.map((_, emoji) => picture(style, emoji)));
    return [style, data] as const;
  });
  return {
    encoder,
    names: concepts.map(({ englishName }) => englishName),
    keywords: concepts.map(({ index }) => dataset.keywords('en')[index] ?? []),
    styles: Object.fromEntries(await Promise.all(embedded)) as EmojiVectors['styles'],
    picture,
  };
}
