import { heldOut } from '../data/sources/holdOut.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { check, optional, type Rules, settings, share, text } from '../tensor/settings.ts';
import { type DataOptions, dataRules } from './evaluator.ts';
import type { DenseExample } from './probes/denseProbe.ts';
import { mapPath, readPixelMap } from './readers/pixelMap.ts';
import { sampleFeatures } from './samples.ts';

/** Options of an evaluator that reads images with a number for each pixel. */
export interface MapOptions extends DataOptions {
  /** The folder of the maps: a grey PNG of each image's name, of 8 or 16 bits. */
  readonly maps: string;
  /** The share of the images that is tested on; the others are learnt from. Default 0.5. */
  readonly test?: number;
}

export const mapRules: Rules<MapOptions> = {
  ...dataRules,
  maps: text.describe('folder of grey PNGs with a number for each pixel, named as the images; needed'),
  test: optional(share).describe('share of the images that is tested on; default 0.5'),
};

const mapSchema = settings<MapOptions>(mapRules);

/** Which images are tested on is drawn by this. */
const TEST_SEED = 0;

/** An image's features and its map. */
export interface MappedExample extends DenseExample {
  readonly values: ArrayLike<number>;
}

/**
 * The images of a set with their maps, some to learn from and some to test on. One without a map that fits is bad.
 * @throws Error when there are fewer than two; RangeError naming the option that is none
 * @example
 * const data = await imageFolder('photos', { keepUncaptioned: true });
 * const { train, test } = await mappedSamples(await load(), { data, maps: 'classes' });
 */
export async function mappedSamples(
  encoder: Pick<Encoder, 'decode' | 'imageFeatures'>,
  options: MapOptions,
): Promise<{ readonly train: readonly MappedExample[]; readonly test: readonly MappedExample[] }> {
  check('mappedSamples', mapSchema, options);
  const { maps, test: part = 0.5, ...data } = options;
  const all: MappedExample[] = [];
  const readMap: Parameters<typeof sampleFeatures<ArrayLike<number>>>[2] = ({ key }, image) =>
    readPixelMap(mapPath(maps, key), image);
  for await (const { image, features, more } of sampleFeatures(encoder, data, readMap))
    all.push({ features, height: image.height, width: image.width, values: more });
  if (all.length < 2)
    throw new Error(
      `${maps}: ${all.length} images have a map; at least two are needed, to learn from and to test on`,
    );
  const tested = new Set(
    heldOut(
      all.map(() => ''),
      part,
      TEST_SEED,
    ),
  );
  return { train: all.filter((_, i) => !tested.has(i)), test: all.filter((_, i) => tested.has(i)) };
}
