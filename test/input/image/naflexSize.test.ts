import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { naflexSize } from '../../../src/input/image/naflex/naflexSize.ts';

describe('vectors', () => {
  // big_vision, ops_naflex_test.py: height, width, patch, budget → height, width.
  test.each([
    [48, 48, 3, 121, 33, 33],
    [112, 109, 7, 225, 105, 105],
    [176, 176, 11, 64, 88, 88],
    [256, 64, 16, 12, 96, 32],
    [256, 64, 8, 15, 56, 16],
    [63, 241, 16, 16, 32, 128],
    [16, 512, 16, 16, 16, 256],
  ])('%i×%i, patch %i, budget %i → %i×%i', (height, width, patch, budget, outHeight, outWidth) => {
    expect(naflexSize(height, width, patch, budget)).toEqual({ height: outHeight, width: outWidth });
  });

  // Patch 16, budgets 128, 256, 576, 784, 1024; computed with the reference's Python.
  const BUDGETS = [128, 256, 576, 784, 1024];
  test.each([
    [480, 640, ['144x192', '224x288', '336x432', '384x512', '432x576']],
    [224, 224, ['176x176', '256x256', '384x384', '448x448', '512x512']],
    [224, 1024, ['80x368', '112x512', '176x816', '208x960', '240x1088']],
    [1080, 1920, ['128x240', '192x336', '288x512', '336x592', '384x672']],
    [427, 640, ['144x224', '208x304', '304x464', '368x544', '416x624']],
    [1, 1000, ['16x2048', '16x4096', '16x9216', '16x12544', '16x16000']],
  ])('%i×%i, patch 16', (height, width, expected) => {
    const sizes = BUDGETS.map((budget) => naflexSize(height, width, 16, budget));
    expect(sizes.map((size) => `${size.height}x${size.width}`)).toEqual(expected);
  });
});

const side = fc.integer({ min: 1, max: 20_000 });
const patch = fc.integer({ min: 1, max: 32 });
const budget = fc.integer({ min: 1, max: 4096 });

test('sides are positive multiples of the patch and the budget holds', () => {
  fc.assert(
    fc.property(side, side, patch, budget, (height, width, p, n) => {
      const size = naflexSize(height, width, p, n);
      expect(size.height % p).toBe(0);
      expect(size.width % p).toBe(0);
      expect(Math.min(size.height, size.width)).toBeGreaterThanOrEqual(p);
      expect((size.height / p) * (size.width / p)).toBeLessThanOrEqual(n);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('transposing the image transposes the size', () => {
  fc.assert(
    fc.property(side, side, patch, budget, (height, width, p, n) => {
      const size = naflexSize(height, width, p, n);
      expect(naflexSize(width, height, p, n)).toEqual({ height: size.width, width: size.height });
    }),
    { seed: 2, numRuns: 200 },
  );
});

test('a square budget is filled by square images of any size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 5000 }), fc.integer({ min: 1, max: 16 }), (s, n) => {
      expect(naflexSize(s, s, 16, n * n)).toEqual({ height: 16 * n, width: 16 * n });
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('impossible requests are refused', () => {
  expect(() => naflexSize(0, 5, 16, 256)).toThrow('height must be a positive integer, got 0');
  expect(() => naflexSize(5, 5, 16, 0.5)).toThrow('maxNumPatches must be a positive integer, got 0.5');
  expect(() => naflexSize(1, 20_000_000, 1, 4)).toThrow('does not fit 4 patches of 1 pixels');
});
