import { describe, expect, test } from 'vitest';
import {
  alignCornersMatrix,
  antialiasedResizeMatrix,
  bilinearResizeMatrix,
} from '../../../../src/input/image/resize/resizeMatrix.ts';
import { largestDifference, reference, referencesOf } from '../fixtures.ts';

const sizes = (name: string): [number, number] => {
  const [nIn, nOut] = name.split(' ').map(Number);
  return [nIn!, nOut!];
};

describe('antialiased', () => {
  // Both sides evaluate the same closed form in double precision.
  test.each(referencesOf('antialiased '))('%s equals the JAX rule', (name) => {
    const matrix = antialiasedResizeMatrix(...sizes(name));
    expect(largestDifference(matrix, reference(`antialiased ${name}`).data)).toBeLessThan(1e-14);
  });

  test('2 → 4 and 4 → 2 by hand', () => {
    expect([...antialiasedResizeMatrix(2, 4)]).toEqual([1, 0, 0.75, 0.25, 0.25, 0.75, 0, 1]);
    const halved = [3, 3, 1, 0, 0, 1, 3, 3].map((w) => w / 7);
    expect(largestDifference(antialiasedResizeMatrix(4, 2), halved)).toBeLessThan(1e-15);
  });

  test('same size is the identity, and rows sum to 1', () => {
    expect([...antialiasedResizeMatrix(3, 3)]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    for (const nOut of [1, 5, 16, 64]) {
      const matrix = antialiasedResizeMatrix(16, nOut);
      for (let o = 0; o < nOut; o++) {
        const sum = matrix.subarray(o * 16, (o + 1) * 16).reduce((a, b) => a + b);
        expect(Math.abs(sum - 1)).toBeLessThan(1e-14);
      }
    }
  });
});

// scipy evaluates the source coordinates with its own rounding.
test.each(referencesOf('corners '))('align corners: %s equals scipy.ndimage.zoom', (name) => {
  const matrix = alignCornersMatrix(...sizes(name));
  expect(largestDifference(matrix, reference(`corners ${name}`).data)).toBeLessThan(1e-12);
});

test('without antialiasing, edges are clamped and shrinking skips samples', () => {
  expect([...bilinearResizeMatrix(2, 4)]).toEqual([1, 0, 0.75, 0.25, 0.25, 0.75, 0, 1]);
  // Centres 1.5 and 5.5.
  expect([...bilinearResizeMatrix(8, 2)]).toEqual([0, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0.5, 0]);
});

test('sizes must be positive integers', () => {
  expect(() => antialiasedResizeMatrix(0, 4)).toThrow('positive integer sizes, got 0 → 4');
  expect(() => alignCornersMatrix(4, 1.5)).toThrow('positive integer sizes');
});
