import { describe, expect, it } from 'vitest';
import { load } from '../../src/encoder/load.ts';
import { type ImageRun, imageRuns, RUN_PATCHES } from '../../src/encoder/towers/imageRuns.ts';
import type { ImageSource } from '../../src/input/image/imageSource.ts';
import { patchCount } from '../../src/input/image/naflex/naflexPicture.ts';
import { fixedPreprocessing, naflexPreprocessing } from '../../src/input/image/preprocessing.ts';
import { type RgbImage, rgbImage } from '../../src/input/image/rgbImage.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from '../cli/models.ts';

const PREPROCESSING = naflexPreprocessing(4, 256);

const noise = (width: number, height: number): RgbImage => {
  const random = createRandom(width * 1000 + height, 'picture');
  return rgbImage(
    width,
    height,
    Uint8Array.from({ length: width * height * 3 }, () => random.int(256)),
  );
};

/** Half of them from squares to 1 : 8, half strips, which have as many patches as their sides' ratio: 129 to 256. */
function mixedShapes(count: number): RgbImage[] {
  const random = createRandom(5, 'shapes');
  return Array.from({ length: count }, (_, i) => {
    const sides = i % 2 === 0 ? [8 + random.int(57), 8] : [129 + random.int(128), 1];
    const [long, short] = sides as [number, number];
    return random.int(2) === 0 ? noise(long, short) : noise(short, long);
  });
}

async function collect(
  sources: readonly ImageSource[],
  settings: Partial<Parameters<typeof imageRuns>[1]> = {},
): Promise<ImageRun[]> {
  const runs: ImageRun[] = [];
  for await (const run of imageRuns(sources, { preprocessing: PREPROCESSING, decode: {}, ...settings }))
    runs.push(run);
  return runs;
}

const shapeOf = ({ feeds }: ImageRun) => feeds['pixel_values']!.shape as [number, number, number];

describe('runs of NaFlex pictures', () => {
  it('pay for their own lengths: 200 pictures of mixed shapes cost at most a tenth more', async () => {
    const pictures = mixedShapes(200);
    const lengths = pictures.map((picture) => patchCount(picture, PREPROCESSING));
    const own = lengths.reduce((a, b) => a + b);
    // Padded to the budget, as they come from the preprocessor, they would cost more than that.
    expect((200 * 256) / own).toBeGreaterThan(1.14);
    const runs = await collect(pictures);
    const paid = runs.map(shapeOf).reduce((total, [batch, length]) => total + batch * length, 0);
    expect(paid / own).toBeLessThan(1.05);
    expect(runs.flatMap(({ places }) => places).sort((a, b) => a - b)).toEqual([...lengths.keys()]);
    for (const run of runs) {
      const [batch, length] = shapeOf(run);
      expect(batch * length).toBeLessThanOrEqual(RUN_PATCHES);
      expect(length).toBe(Math.max(...run.places.map((place) => lengths[place]!)));
    }
  });

  it('look at a bounded number of pictures ahead', async () => {
    let seen = 0;
    const sources = Array.from({ length: 1000 }, () => {
      const picture = noise(9, 7);
      // Whoever measures a picture reads its width.
      return Object.defineProperty({ ...picture }, 'width', {
        get: () => {
          seen++;
          return picture.width;
        },
      });
    });
    const runs = imageRuns(sources, { preprocessing: PREPROCESSING, decode: {} });
    await runs.next();
    const places = sources.length;
    const perPicture = 8;
    expect(seen).toBeLessThan((places / 2) * perPicture);
    await runs.return(undefined);
  });

  it('leave out what cannot be read, and say which', async () => {
    const told: number[] = [];
    const torn: RgbImage = { width: 3, height: 2, data: new Uint8Array(5) };
    const sources = [IMAGES[0]!, 'missing.png', torn, IMAGES[1]!];
    const runs = await collect(sources, { onBad: (place) => told.push(place) });
    expect(told.sort()).toEqual([1, 2]);
    expect(runs.flatMap(({ places }) => places).sort()).toEqual([0, 3]);
    await expect(collect(sources)).rejects.toThrow(/missing\.png/);
    await expect(collect([torn])).rejects.toThrow(RangeError);
  });

  it('have as many pictures as they are told', async () => {
    const runs = await collect(mixedShapes(20), { imageBatch: 3 });
    expect(runs.map((run) => shapeOf(run)[0])).toEqual([3, 3, 3, 3, 3, 3, 2]);
  });
});

it('runs of a fixed-resolution model keep the order of the images', async () => {
  const runs = await collect(mixedShapes(20), { preprocessing: fixedPreprocessing(8) });
  expect(runs.map(({ places }) => places)).toEqual([
    [0, 1, 2, 3, 4, 5, 6, 7],
    [8, 9, 10, 11, 12, 13, 14, 15],
    [16, 17, 18, 19],
  ]);
});

describe('an encoder', () => {
  const folder = temporaryFolder();

  it('answers in the order of the images, with what each alone gives', async () => {
    const encoder = await load(await saveTinyModel(`${folder}/naflex`, 'naflex'), { threads: 1 });
    const pictures = mixedShapes(40);
    const { data, shape } = await encoder.embedImages(pictures, { maxNumPatches: 256 });
    const features = await encoder.imageFeatures(pictures, { maxNumPatches: 256 });
    const patches = await encoder.embedPatches(pictures, { maxNumPatches: 256 });
    expect(shape).toEqual([40, encoder.width]);
    for (const [i, picture] of pictures.entries()) {
      const alone = await encoder.embedImages([picture], { maxNumPatches: 256 });
      // Another batch sums in another order; float32 keeps six digits.
      alone.data.forEach((value, j) => {
        expect(Math.abs(value - data[i * encoder.width + j]!)).toBeLessThan(1e-5);
      });
      const { rows, columns, tokens } = features[i]!;
      const own = patchCount(picture, PREPROCESSING);
      expect([rows * columns, tokens.shape[0], patches[i]!.rows * patches[i]!.columns]).toEqual([
        own,
        own,
        own,
      ]);
    }
    await encoder.dispose();
  });

  it('refuses a number of patches that its model does not take', async () => {
    const encoder = await load(await saveTinyModel(`${folder}/fixed`), { threads: 1 });
    const picture = [IMAGES[0]!];
    const options = { maxNumPatches: 64 };
    for (const call of [
      () => encoder.embedImages(picture, options),
      () => encoder.embedPatches(picture, options),
      () => encoder.imageFeatures(picture, options),
      () => encoder.score(picture, ['a cat'], options),
      () => encoder.classify(picture, ['a cat'], options),
    ])
      await expect(call()).rejects.toThrow(/16 × 16 pixels only.*NaFlex/);
    await expect(encoder.embedImages(picture, { maxNumPatches: 0 })).rejects.toThrow('from 1 to 4096');
    await encoder.dispose();
  });
});
