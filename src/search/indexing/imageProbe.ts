import type { Encoder } from '../../encoder/encoder.ts';
import { type RgbImage, rgbImage } from '../../input/image/rgbImage.ts';
import type { Collection, StoredModel } from '../collection/collection.ts';
import { isSameModel } from '../collection/isSameModel.ts';

const SIDE = 96;

/** A picture by which image towers are told apart: flat, sloping and rough in its parts. Never change it. */
function probePicture(): RgbImage {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const at = 3 * (y * SIDE + x);
      data[at] = (2 * x) & 255;
      data[at + 1] = (x * y) & 255;
      data[at + 2] = y < SIDE / 2 ? 200 : 40;
    }
  return rgbImage(SIDE, SIDE, data);
}

const numbers = (value: unknown): Float32Array | undefined =>
  Array.isArray(value) && value.every((one) => typeof one === 'number')
    ? Float32Array.from(value)
    : undefined;

/**
 * Makes sure that the pictures of a model are all embedded alike. Models are told apart by a text; one that was tuned with
 * its text tower frozen, or that looks at a picture with other patches, is the same by that, and its vectors are others.
 * @throws Error saying what to do where the encoder embeds pictures otherwise than those that are there
 */
export async function assertSameImages(
  collection: Collection,
  encoder: Pick<Encoder, 'embedImages'>,
  { id, name, width }: StoredModel,
): Promise<void> {
  const key = `image probe of model ${id}`;
  const { data } = await encoder.embedImages([probePicture()]);
  const known = numbers(await collection.note(key));
  if (!known) return collection.setNote(key, Array.from(data));
  if (isSameModel({ width, probe: known }, { width, probe: Float32Array.from(data) })) return;
  throw new Error(
    `the collection '${collection.name}' has vectors of ${name}, and this model embeds the same texts but other pictures ` +
      '(tuned with its text tower frozen, or with another number of patches): give it a collection of its own',
  );
}
