import { describe, expect, test } from 'vitest';
import { piResizeMatrix } from '../../../../src/input/image/resize/piResizeMatrix.ts';
import { pseudoInverse, transpose } from '../../../../src/input/image/resize/pseudoInverse.ts';
import { bilinearResizeMatrix } from '../../../../src/input/image/resize/resizeMatrix.ts';
import { largestDifference, reference, referencesOf } from '../fixtures.ts';

/** [n, k] × [k, m] */
function multiply(a: Float64Array, b: Float64Array, n: number, k: number, m: number): Float64Array {
  const result = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      for (let l = 0; l < k; l++) result[i * m + j]! += a[i * k + l]! * b[l * m + j]!;
    }
  }
  return result;
}

const identity = (n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

// Condition numbers here are below 100: two double-precision decompositions agree to about 1e-13.
const TOLERANCE = 1e-12;

test.each(referencesOf('pi ').filter((name) => !name.includes('rows')))('%s equals NumPy', (name) => {
  const [pOld, pNew] = name.split(' ').map(Number);
  const expected = reference(`pi ${name}`);
  expect(expected.shape).toEqual([pNew! ** 2, pOld! ** 2]);
  expect(largestDifference(piResizeMatrix(pOld!, pNew!), expected.data)).toBeLessThan(TOLERANCE);
});

test('16 → 14, the recipe’s case, equals NumPy on three rows', () => {
  const matrix = piResizeMatrix(16, 14);
  expect(matrix.length).toBe(196 * 256);
  const rows = [0, 97, 195].flatMap((row) => [...matrix.subarray(row * 256, (row + 1) * 256)]);
  expect(largestDifference(rows, reference('pi 16 14 rows').data)).toBeLessThan(TOLERANCE);
});

test('growing keeps every embedding: Mᵀ · matrix is the identity', () => {
  const axis = bilinearResizeMatrix(6, 9);
  const inverse = pseudoInverse(transpose(axis, 9, 6), 6, 9);
  expect(largestDifference(multiply(transpose(axis, 9, 6), inverse, 6, 9, 6), identity(6))).toBeLessThan(
    TOLERANCE,
  );
});

test('the same size is the identity', () => {
  expect(largestDifference(piResizeMatrix(5, 5), identity(25))).toBeLessThan(TOLERANCE);
});

describe('pseudo-inverse', () => {
  test('of a matrix without full rank meets the four Penrose conditions', () => {
    // Rank 2: the third row is the sum of the others.
    const a = Float64Array.of(1, 2, 0, -1, 3, 0, 1, 2, 4, 2, 1, 1);
    const x = pseudoInverse(a, 3, 4);
    const ax = multiply(a, x, 3, 4, 3);
    const xa = multiply(x, a, 4, 3, 4);
    expect(largestDifference(multiply(ax, a, 3, 3, 4), a)).toBeLessThan(TOLERANCE);
    expect(largestDifference(multiply(xa, x, 4, 4, 3), x)).toBeLessThan(TOLERANCE);
    expect(largestDifference(transpose(ax, 3, 3), ax)).toBeLessThan(TOLERANCE);
    expect(largestDifference(transpose(xa, 4, 4), xa)).toBeLessThan(TOLERANCE);
  });

  test('of zero is zero', () => {
    expect([...pseudoInverse(new Float64Array(6), 2, 3)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('refuses a wrong length', () => {
    expect(() => pseudoInverse(new Float64Array(5), 2, 3)).toThrow('2×3 matrix needs 6 values, got 5');
  });
});
