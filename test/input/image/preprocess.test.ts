import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../../src/input/image/decode/decodeImage.ts';
import { fitToModel } from '../../../src/input/image/fittedImage.ts';
import { patchify } from '../../../src/input/image/naflex/patchify.ts';
import { normalisationTables } from '../../../src/input/image/normalise.ts';
import { preprocessFixed, preprocessNaflex } from '../../../src/input/image/preprocess.ts';
import { fixedPreprocessing, naflexPreprocessing } from '../../../src/input/image/preprocessing.ts';
import { largestDifference, pathOf, reference } from './fixtures.ts';
import { pictures } from './pictures.ts';

const images = [pictures['noise']!(37, 53), pictures['gradient']!(40, 30), pictures['circle']!(17, 21)];

/** Every value is the same. */
function expectSame(actual: { shape: readonly number[]; data: ArrayLike<number> }, name: string): void {
  const expected = reference(name);
  expect(actual.shape).toEqual(expected.shape);
  expect(largestDifference(actual.data, expected.data)).toBe(0);
}

describe('fixed', () => {
  test('SigLIP 2 settings equal SiglipImageProcessor to the bit', () => {
    expectSame(preprocessFixed(images, { ...fixedPreprocessing(20), width: 24 }).pixel_values, 'hf fixed');
  });

  test('a transparent picture: its file to the same values', async () => {
    const picture = await decodeImage(pathOf('rgba.png'));
    expectSame(
      preprocessFixed([picture], { ...fixedPreprocessing(20), width: 24 }).pixel_values,
      'hf transparent',
    );
  });

  test('bicubic with ImageNet statistics equals SiglipImageProcessor to the bit', () => {
    const config = {
      ...fixedPreprocessing(12),
      resample: 'bicubic',
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    } as const;
    expectSame(preprocessFixed(images, config).pixel_values, 'hf bicubic-imagenet');
  });

  test('big_vision: resized without antialiasing, then [−1, 1]', () => {
    const size = { ...fixedPreprocessing(16), resample: 'big_vision' } as const;
    const { pixel_values } = preprocessFixed([images[0]!], size);
    const resized = reference('tf noise 37x53 16x16').data;
    const plane = 16 * 16;
    for (let i = 0; i < plane * 3; i++) {
      const value = resized[(i % plane) * 3 + Math.floor(i / plane)]! / 127.5 - 1;
      expect(Math.abs(pixel_values.data[i]! - value)).toBeLessThan(1.2e-7);
    }
  });
});

describe('NaFlex', () => {
  const batch = [...images, pictures['noise']!(2, 90)];

  test('equals Siglip2ImageProcessor to the bit, padding included', () => {
    const pixels = preprocessNaflex(batch, naflexPreprocessing(4, 20));
    expectSame(pixels.pixel_values, 'hf naflex pixel_values');
    expectSame(pixels.pixel_attention_mask, 'hf naflex pixel_attention_mask');
    expectSame(pixels.spatial_shapes, 'hf naflex spatial_shapes');
  });

  test('big_vision: normalised first, resized as floats', () => {
    const config = { ...naflexPreprocessing(16, 2), resample: 'big_vision' } as const;
    const image = pictures['noise']!(37, 53);
    const pixels = preprocessNaflex([image], config);
    expect([...pixels.spatial_shapes.data]).toEqual([1, 2]);
    const resized = reference('float noise 37x53 16x32').data;
    // Second patch, row 3, column 5, blue.
    const value = pixels.pixel_values.data[16 * 16 * 3 + (3 * 16 + 5) * 3 + 2]!;
    expect(Math.abs(value - resized[(3 * 32 + 16 + 5) * 3 + 2]!)).toBeLessThan(3e-7);
  });

  test('a 1×1000 strip fits and pads nothing beyond its own mask', () => {
    const pixels = preprocessNaflex([pictures['gradient']!(1, 1000)], naflexPreprocessing(16, 1024));
    expect([...pixels.spatial_shapes.data]).toEqual([1, 1000]);
    expect(pixels.pixel_attention_mask.data.reduce((a, b) => a + b)).toBe(1000);
    expect(pixels.pixel_values.data.subarray(1000 * 768).every((value) => value === 0)).toBe(true);
  });
});

test('patches are in row-major order, inside by row, column, channel', () => {
  // Every value tells its place: 100 y + 10 x + c.
  const [height, width] = [4, 6];
  const data = Float32Array.from({ length: height * width * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return 100 * Math.floor(pixel / width) + 10 * (pixel % width) + (i % 3);
  });
  const patches = patchify({ height, width, data }, 2);
  expect(patches.shape).toEqual([6, 12]);
  expect([...patches.data.subarray(0, 12)]).toEqual([0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112]);
  expect([...patches.data.subarray(12, 15)]).toEqual([20, 21, 22]);
  expect([...patches.data.subarray(4 * 12, 4 * 12 + 3)]).toEqual([220, 221, 222]);
});

test('malformed requests are refused', () => {
  const image = images[0]!;
  expect(() => preprocessFixed([], fixedPreprocessing(8))).toThrow('at least one image');
  expect(() => preprocessFixed([image], fixedPreprocessing(0))).toThrow('positive integers');
  expect(() => preprocessFixed([image], { ...fixedPreprocessing(8), std: [1, 0, 1] })).toThrow('std not 0');
  expect(() => preprocessNaflex([image], naflexPreprocessing(16, 0))).toThrow(
    'maxNumPatches must be a positive',
  );
  const floats = { width: 5, height: 4, data: new Float32Array(60) };
  expect(() => patchify(floats, 2)).toThrow("5×4 image can't be cut into patches of 2");
  expect(() => normalisationTables(Number.NaN, [0, 0, 0], [1, 1, 1])).toThrow('rescale NaN');
});

describe('fitToModel', () => {
  const mixed = [...images, pictures['noise']!(1, 1), pictures['gradient']!(3, 90)];

  test.each([
    ['fixed', fixedPreprocessing(20)],
    ['fixed, cropped', { ...fixedPreprocessing(12), resize: { shortestEdge: 16 }, crop: true }],
    ['fixed, padded', { ...fixedPreprocessing(90), resize: 'none', pad: true }],
    ['fixed, of the training code', { ...fixedPreprocessing(20), resample: 'big_vision' }],
  ] as const)('before a %s model changes nothing', (_, config) => {
    const fitted = mixed.map((image) => fitToModel(image, config));
    expect(preprocessFixed(fitted, config)).toEqual(preprocessFixed(mixed, config));
  });

  // A picture of one pixel is enlarged by 100 at most: by more when it is resized twice.
  test.each(['bilinear', 'nearest', 'big_vision'] as const)(
    'before a NaFlex model with %s changes nothing',
    (resample) => {
      const config = { ...naflexPreprocessing(4, 30), resample };
      const fitted = mixed.map((image) => fitToModel(image, config));
      expect(preprocessNaflex(fitted, config)).toEqual(preprocessNaflex(mixed, config));
    },
  );

  test('what was fitted for another kind of model is refused', () => {
    const fitted = fitToModel(images[0]!, { ...naflexPreprocessing(4, 30), resample: 'big_vision' });
    expect(() => preprocessFixed([fitted], fixedPreprocessing(20))).toThrow(/another model/);
    expect(() => preprocessNaflex([fitted], naflexPreprocessing(4, 10))).toThrow(/another model/);
    const square = fitToModel(images[0]!, fixedPreprocessing(18));
    expect(() => preprocessFixed([square], fixedPreprocessing(20))).toThrow(/another model/);
    expect(() => preprocessNaflex([square], naflexPreprocessing(4, 30))).toThrow(/another model/);
  });
});
