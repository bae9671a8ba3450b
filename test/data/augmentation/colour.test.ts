import { beforeAll, describe, expect, it } from 'vitest';
import { gaussianBlur } from '../../../src/data/augmentation/blur.ts';
import * as colour from '../../../src/data/augmentation/colour.ts';
import {
  augmentColours,
  type ColourAugmentation,
  DINO_LOCAL,
  DINO_SECOND_GLOBAL,
} from '../../../src/data/augmentation/colourAugmentation.ts';
import type { FloatImage } from '../../../src/input/image/rgbImage.ts';
import type { NdArray } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { readFixture } from '../../support/fixtures.ts';

let fixture: Map<string, NdArray>;
let picture: FloatImage;
beforeAll(async () => {
  fixture = await readFixture('augment/colour.safetensors');
  const pixels = fixture.get('picture')!;
  const [height, width] = pixels.shape as [number, number, number];
  picture = {
    width,
    height,
    data: Float32Array.from(Array.from(pixels.data, Number), (value) => value / 255),
  };
});

const error = (actual: FloatImage, expected: ArrayLike<number | bigint>): number =>
  Math.max(...actual.data.map((value, i) => Math.abs(value - Number(expected[i]))));

// float32 inputs and results, double arithmetic between; the hue divides by spans of as little as 1/255.
const TOLERANCE = 1e-6;

const OPERATIONS: Record<string, (image: FloatImage) => FloatImage> = {
  greyscale: colour.greyscale,
  'brightness.0.6': (image) => colour.adjustBrightness(image, 0.6),
  'brightness.1.4': (image) => colour.adjustBrightness(image, 1.4),
  'contrast.0.6': (image) => colour.adjustContrast(image, 0.6),
  'contrast.1.4': (image) => colour.adjustContrast(image, 1.4),
  'saturation.0.6': (image) => colour.adjustSaturation(image, 0.6),
  'saturation.1.4': (image) => colour.adjustSaturation(image, 1.4),
  'hue.-0.1': (image) => colour.adjustHue(image, -0.1),
  'hue.0.07': (image) => colour.adjustHue(image, 0.07),
  'hue.0.5': (image) => colour.adjustHue(image, 0.5),
  solarise: (image) => colour.solarise(image, Math.fround(128 / 255)),
  'blur.0.5.5': (image) => gaussianBlur(image, 0.5, 5),
  'blur.1.3.9': (image) => gaussianBlur(image, 1.3, 9),
};

describe('colour operations', () => {
  it('are all in the fixture and the other way round', () => {
    expect(Object.keys(OPERATIONS).sort()).toEqual(
      [...fixture.keys()].filter((name) => name !== 'picture').sort(),
    );
  });

  it.each(Object.keys(OPERATIONS))('%s equals the reference', (name) => {
    const before = picture.data.slice();
    const result = OPERATIONS[name]!(picture);
    expect(error(result, fixture.get(name)!.data)).toBeLessThan(TOLERANCE);
    // It does something, and to a new image.
    expect(error(result, picture.data)).toBeGreaterThan(0.05);
    expect(picture.data).toEqual(before);
  });

  it('change nothing at their neutral settings', () => {
    for (const change of [colour.adjustBrightness, colour.adjustContrast, colour.adjustSaturation]) {
      expect(error(change(picture, 1), picture.data)).toBe(0);
    }
    expect(error(colour.adjustHue(picture, 0), picture.data)).toBeLessThan(TOLERANCE);
    expect(error(colour.adjustHue(picture, 1), picture.data)).toBeLessThan(TOLERANCE);
  });
});

describe('gaussianBlur', () => {
  it('takes three deviations each way, as far as the picture reaches', () => {
    expect(error(gaussianBlur(picture, 0.6), gaussianBlur(picture, 0.6, 5).data)).toBe(0);
    // 2·⌈3·2⌉ + 1 = 13 fits 7 rows just so.
    expect(error(gaussianBlur(picture, 2), gaussianBlur(picture, 2, 13).data)).toBe(0);
    expect(error(gaussianBlur(picture, 3), gaussianBlur(picture, 3, 13).data)).toBe(0);
    const pixel = { width: 1, height: 1, data: Float32Array.of(0.1, 0.2, 0.3) };
    expect(gaussianBlur(pixel, 2)).toEqual(pixel);
  });

  it('refuses what it cannot do', () => {
    expect(() => gaussianBlur(picture, 1, 4)).toThrow(/size is 4; it must be odd/);
    expect(() => gaussianBlur(picture, 1, 15)).toThrow(/at most 13 for 9×7/);
    expect(() => gaussianBlur(picture, 0)).toThrow(/sigma is 0/);
  });
});

describe('augmentColours', () => {
  const never: ColourAugmentation = {
    jitter: { probability: 0, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 },
    greyscale: 0,
    blur: { probability: 0, sigma: [0.1, 2] },
    solarise: { probability: 0, threshold: 0.5 },
  };
  const draw = (options: ColourAugmentation, seed: number) =>
    augmentColours(picture, options, createRandom(seed, 'test'));

  it('applies each change with its chance alone', () => {
    expect(draw(never, 1)).toBe(picture);
    expect(draw({ ...never, greyscale: 1 }, 1)).toEqual(colour.greyscale(picture));
    expect(draw({ ...never, solarise: { probability: 1, threshold: 0.7 } }, 1)).toEqual(
      colour.solarise(picture, 0.7),
    );
    const blurred = draw({ ...never, blur: { probability: 1, sigma: [1.3, 1.3] } }, 1);
    expect(blurred).toEqual(gaussianBlur(picture, 1.3));
    const jittered = draw({ ...never, jitter: { ...never.jitter, probability: 1 } }, 1);
    expect(error(jittered, picture.data)).toBeGreaterThan(0.01);
  });

  it('draws the changes about as often as told', () => {
    const half = { ...never, greyscale: 0.5 };
    const grey = Array.from({ length: 400 }, (_, seed) => draw(half, seed)).filter((one) => one !== picture);
    // 200 ± 4 deviations of 10.
    expect(Math.abs(grey.length - 200)).toBeLessThan(40);
  });

  it('is seeded and stays within 0 … 1', () => {
    for (let seed = 0; seed < 100; seed++) {
      const { data } = draw(seed % 2 ? DINO_LOCAL : DINO_SECOND_GLOBAL, seed);
      // Blur's weights sum to 1 up to rounding.
      expect(Math.min(...data)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...data)).toBeLessThanOrEqual(1 + 1e-6);
    }
    expect(draw(DINO_LOCAL, 3)).toEqual(draw(DINO_LOCAL, 3));
    expect(draw(DINO_LOCAL, 3)).not.toEqual(draw(DINO_LOCAL, 4));
  });
});
