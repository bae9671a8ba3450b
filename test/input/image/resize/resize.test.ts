import { describe, expect, test } from 'vitest';
import { normalisationTables, normaliseInterleaved } from '../../../../src/input/image/normalise.ts';
import { resizeBigVision, resizeBigVisionFloat } from '../../../../src/input/image/resize/resizeBigVision.ts';
import { resizePillow } from '../../../../src/input/image/resize/resizePillow.ts';
import type { RgbImage } from '../../../../src/input/image/rgbImage.ts';
import { largestDifference, reference, referencesOf } from '../fixtures.ts';
import { pictures } from '../pictures.ts';

/** `noise 37x53 16x20` → the picture and the target size. */
function parse(name: string): { image: RgbImage; height: number; width: number } {
  const [picture = '', source = '', target = ''] = name.split(' ');
  const sides = (text: string): [number, number] => {
    const [height, width] = text.split('x').map(Number);
    return [height!, width!];
  };
  const [height, width] = sides(target);
  return { image: pictures[picture]!(...sides(source)), height, width };
}

const shareExact = (actual: Uint8Array, expected: ArrayLike<number>): number =>
  actual.reduce((count, value, i) => count + (value === expected[i] ? 1 : 0), 0) / actual.length;

describe.each(['bilinear', 'bicubic'] as const)('Pillow %s', (filter) => {
  const names = referencesOf(`pillow ${filter} `);

  test('has references', () => expect(names.length).toBeGreaterThan(15));

  // The algorithm is Pillow's own fixed-point arithmetic, so not a single level may differ.
  test.each(names)('%s is exact', (name) => {
    const { image, height, width } = parse(name);
    const expected = reference(`pillow ${filter} ${name}`);
    const resized = resizePillow(image, width, height, filter);
    expect([resized.height, resized.width, 3]).toEqual(expected.shape);
    expect(shareExact(resized.data, expected.data)).toBe(1);
  });

  test('never returns the caller’s buffer', () => {
    const image = pictures['noise']!(4, 4);
    const copy = resizePillow(image, 4, 4, filter);
    expect(copy.data).toEqual(image.data);
    expect(copy.data.buffer).not.toBe(image.data.buffer);
  });
});

test.each(referencesOf('tf '))('big_vision without antialiasing: %s is exact', (name) => {
  const { image, height, width } = parse(name);
  const expected = reference(`tf ${name}`);
  const resized = resizeBigVision(image, height, width);
  expect([resized.height, resized.width, 3]).toEqual(expected.shape);
  expect(shareExact(resized.data, expected.data)).toBe(1);
});

test.each(referencesOf('float '))('big_vision antialiased on floats: %s', (name) => {
  const { image, height, width } = parse(name);
  const tables = normalisationTables(1 / 255, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]);
  const floats = { ...image, data: normaliseInterleaved(image.data, tables) };
  const resized = resizeBigVisionFloat(floats, height, width);
  // Values in [−1, 1]: float32 rounding of input, intermediate and output, 3 × 2⁻²⁴ with a margin.
  expect(largestDifference(resized.data, reference(`float ${name}`).data)).toBeLessThan(3e-7);
});

test('a malformed image or size is refused', () => {
  const image = { width: 2, height: 2, data: new Uint8Array(16) };
  expect(() => resizePillow(image, 2, 2, 'bilinear')).toThrow('2×2 RGB image needs 12 values, got 16');
  const good = pictures['noise']!(2, 2);
  expect(() => resizePillow(good, 0, 2, 'bilinear')).toThrow('positive integers, got 0×2');
  expect(() => resizeBigVision(good, 2.5, 2)).toThrow('positive integers');
  expect(() => resizePillow({ width: 0, height: 2, data: new Uint8Array(0) }, 2, 2, 'bicubic')).toThrow(
    '0×2',
  );
});
