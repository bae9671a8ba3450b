import type { Encoder } from '../../src/encoder/encoder.ts';
import type { Change, NewPicture } from '../../src/search/collection/change.ts';
import type { Collection, StoredModel } from '../../src/search/collection/collection.ts';
import { modelOf } from '../../src/search/collection/modelProbe.ts';
import { memoryStore } from '../../src/search/stores/memory/memoryStore.ts';
import { createRandom, float32 } from '../../src/tensor/index.ts';

/*
 * A collection and an encoder of made-up vectors: every word is a direction, a text or picture is the sum of its words', and
 * pictures lie around a middle of their own, as those of real models do.
 */

const WIDTH = 64;

const unit = (vector: readonly number[]): number[] => {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};

const direction = (word: string): number[] => {
  const random = createRandom(0, word);
  return unit(Array.from({ length: WIDTH }, () => random.normal()));
};

const sum = (vectors: readonly (readonly number[])[]): number[] =>
  unit(Array.from({ length: WIDTH }, (_, i) => vectors.reduce((total, one) => total + one[i]!, 0)));

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter(Boolean);
const PICTURES = direction('what all pictures have').map((value) => 1.2 * value);

/** What the made-up model says of a text. It reads no more than 8 words. */
const textVector = (text: string): number[] => sum(wordsOf(text).slice(0, 8).map(direction));

/** … and of a picture that shows these words; `noise` tells pictures of one thing apart. */
export const pictureVector = (words: string, noise = ''): number[] =>
  sum([PICTURES, ...wordsOf(words).map(direction), direction(`${words} ${noise}`).map((value) => value / 4)]);

/** Images are named by what they show: `red heart.png`. */
const shown = (path: string): string => path.replace(/^.*\//, '').replace(/\.\w+$/, '');

export const madeUpEncoder = {
  width: WIDTH,
  config: { text: { length: 8 } },
  logitScalars: { logTemperature: Math.log(30), bias: -20 },
  embedTexts: async (texts: readonly string[]) => float32([texts.length, WIDTH], texts.flatMap(textVector)),
  countTokens: async (texts: readonly string[]) =>
    texts.map((text) => ({ tokens: Math.min(wordsOf(text).length, 8), isCut: wordsOf(text).length > 8 })),
  embedImages: async (images: readonly unknown[]) =>
    float32(
      [images.length, WIDTH],
      images.flatMap((image) => pictureVector(shown(String(image)))),
    ),
} as unknown as Encoder;

/** A file of a made-up collection: what its pictures show, and what else is to be said of it. */
export interface MadeUpFile {
  readonly path: string;
  readonly shows: string;
  readonly hash?: string;
  readonly bytes?: number;
  readonly modified?: number;
  readonly kind?: NewPicture['kind'];
  /** Of each picture, where there is not one alone. */
  readonly at?: readonly number[];
  readonly side?: number;
  readonly vector?: readonly number[];
}

const changeOf = ({ path, shows, hash = path, bytes = 1000, modified = 0, ...one }: MadeUpFile): Change => ({
  kind: 'file',
  file: { path, bytes, modified, hash, how: '' },
  pictures: (one.at ?? [0]).map((at) => ({
    kind: one.kind ?? 'image',
    at,
    width: one.side ?? 100,
    height: one.side ?? 100,
    vector: Float32Array.from(one.vector ?? pictureVector(shows, `${path} ${at}`)),
  })),
});

let made = 0;

/** A collection in memory, of the made-up model. */
export async function madeUpCollection(
  files: readonly MadeUpFile[],
): Promise<{ readonly collection: Collection; readonly model: StoredModel; readonly location: string }> {
  const location = `memory://made-up-${made++}`;
  const collection = await memoryStore.open(location, { name: 'pictures', create: true });
  const model = await collection.addModel(await modelOf(madeUpEncoder, 'made-up'));
  await collection.write(model.id, files.map(changeOf));
  return { collection, model, location };
}
