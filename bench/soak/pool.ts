import sharp from 'sharp';
import { EMBEDDED_MODEL } from '../../src/encoder/embeddedModel.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { load } from '../../src/encoder/load.ts';
import { openBundle } from '../../src/search/bundle/openBundle.ts';
import { rank } from '../../src/search/bundle/rank.ts';
import { type ServedAnswers, servedAnswers } from './served.ts';

/** Something that is sent, and the vector that the library itself makes of it. */
export interface Known<T> {
  readonly value: T;
  readonly vector: readonly number[];
}

/** What well-formed requests are made of, with the answers that they must get. */
export interface Pool {
  readonly texts: readonly Known<string>[];
  readonly images: readonly Known<File>[];
  /** Large ones: few of them are sent. */
  readonly largeImages: readonly Known<File>[];
  readonly labels: readonly string[];
  /** Probabilities of `labels` for an image, by label. */
  scores(image: Known<File>): ReadonlyMap<string, number>;
  /** Ids of the collection's best pictures for a text, with their probabilities. */
  hits(text: Known<string>, limit: number): readonly { readonly id: string; readonly probability: number }[];
  /** Of an image and a text, by the cosine of their vectors. */
  probability(cosine: number): number;
  /** An image in JSON. */
  dataUri(image: File): string;
  readonly served: ServedAnswers;
}

const WORDS = [
  'cat',
  'Hund',
  '고양이',
  '猫',
  'قطة',
  'собака',
  'café',
  'arbre',
  'नमस्ते',
  'fire engine',
  'smile',
  'ต้นไม้',
];

const TEXTS = [
  ...WORDS,
  ...WORDS.map((word) => `a picture of ${word.toUpperCase()}!`),
  'x',
  '<eos> and <pad>',
  ' spaces   inside ',
  '\ud83d lone surrogate',
  'a'.repeat(4096),
  '木'.repeat(1365),
  'cat and dog '.repeat(340),
  '👩🏽‍🚒 🏳️‍🌈 🇫🇷',
];

/** A picture with shapes and noise, so that every file has other pixels. */
function drawing(seed: number, width: number, height: number, channels: 3 | 4 = 3, noise = 15) {
  const data = Buffer.alloc(width * height * channels);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++, at++)
        data[at] = ((x * (seed + 3)) / width) * 90 + ((y * (c + 1)) / height) * 120 + ((x ^ y) & noise);
  return sharp(data, { raw: { width, height, channels } });
}

async function drawFiles(withLarge: boolean): Promise<{ small: File[]; large: File[] }> {
  const file = async (name: string, picture: ReturnType<typeof drawing>) =>
    new File([new Uint8Array(await picture.toBuffer())], name);
  const small = await Promise.all([
    file('a.png', drawing(1, 60, 60).png()),
    file('b.png', drawing(2, 300, 200, 4).png()),
    file('c.jpg', drawing(3, 640, 480).jpeg()),
    file('d.jpg', drawing(4, 800, 600).jpeg({ progressive: true }).withMetadata({ orientation: 6 })),
    file('e.webp', drawing(5, 512, 512).webp({ effort: 0 })),
    file('f.gif', drawing(6, 120, 90).gif({ effort: 1 })),
    file('g.tiff', drawing(7, 200, 300).tiff()),
    file('h.avif', drawing(8, 256, 256).avif({ effort: 0 })),
    file('i.jpg', drawing(9, 300, 300).toColourspace('cmyk').jpeg()),
    file('j.png', drawing(10, 1, 1).png()),
    file('k.png', drawing(11, 2000, 10).png()),
    file('l.jpg', drawing(12, 1600, 1200).jpeg()),
  ]);
  if (!withLarge) return { small, large: [] };
  const large = await Promise.all([
    file('m.jpg', drawing(13, 4000, 3000).jpeg()),
    file('n.png', drawing(14, 4000, 4000, 3, 0).png()),
    file('o.webp', drawing(15, 3000, 2000, 4).webp({ effort: 0 })),
  ]);
  return { small, large };
}

async function knownImages(encoder: Encoder, files: readonly File[]): Promise<Known<File>[]> {
  const known: Known<File>[] = [];
  for (const value of files) {
    const bytes = new Uint8Array(await value.arrayBuffer());
    known.push({ value, vector: [...(await encoder.embedImages([bytes])).data] });
  }
  return known;
}

async function dataUris(files: readonly File[]): Promise<ReadonlyMap<File, string>> {
  const uris = new Map<File, string>();
  for (const file of files) {
    const base64 = Buffer.from(await file.arrayBuffer()).toString('base64');
    uris.set(file, `data:image/${file.name.split('.').at(-1)?.replace('jpg', 'jpeg')};base64,${base64}`);
  }
  return uris;
}

/**
 * Draws the pictures, large ones too if wanted, and embeds everything with the library, in this process.
 * @param folder gets a collection for the server
 */
export async function createPool(withLarge: boolean, folder: string): Promise<Pool> {
  const encoder = await load(EMBEDDED_MODEL, { threads: 1 });
  const { small, large } = await drawFiles(withLarge);
  const images = await knownImages(encoder, small);
  const largeImages = await knownImages(encoder, large);
  const texts: Known<string>[] = [];
  // As the server reads them: without blanks around.
  for (const value of TEXTS.map((text) => text.trim()))
    texts.push({ value, vector: [...(await encoder.embedTexts([value])).data] });
  const labels = WORDS.slice(0, 6);
  const scores = new Map<Known<File>, ReadonlyMap<string, number>>();
  for (const image of [...images, ...largeImages]) {
    const [row = []] = await encoder.classify([new Uint8Array(await image.value.arrayBuffer())], labels);
    scores.set(image, new Map(row.map(({ label, probability }) => [label, probability])));
  }
  const collection = await openBundle(`${EMBEDDED_MODEL}/gallery`, encoder);
  if (!collection) throw new Error('the embedded model has no collection');
  const { logitScalars } = encoder;
  const served = await servedAnswers(folder, encoder, collection, small, labels);
  const uris = await dataUris(small);
  await encoder.dispose();
  return {
    texts,
    images,
    largeImages,
    labels,
    served,
    scores: (image) => scores.get(image) ?? new Map(),
    probability: (cosine) =>
      1 / (1 + Math.exp(-(Math.exp(logitScalars.logTemperature) * cosine + logitScalars.bias))),
    dataUri: (image) => uris.get(image) ?? '',
    hits(text, limit) {
      const query = {
        dtype: 'float32' as const,
        shape: [1, text.vector.length],
        data: Float32Array.from(text.vector),
      };
      return rank(collection, query, logitScalars, { limit });
    },
  };
}
