import { expect, it } from 'vitest';
import { row, scoresOf, scoreTable } from '../../../src/search/cutoff/scores.ts';
import { createRandom, float32 } from '../../../src/tensor/index.ts';

const WIDTH = 37;
const random = createRandom(3, 'scores');
const made = (rows: number) =>
  float32(
    [rows, WIDTH],
    Array.from({ length: rows * WIDTH }, () => random.normal()),
  );

const plain = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let k = 0; k < WIDTH; k++) sum += a[k]! * b[k]!;
  return sum;
};

it.each([
  [0, 3],
  [1, 1],
  [3, 4],
  [4, 7],
  [5, 9],
])('scores %i rows with %i as one by one, to the bit', (n, m) => {
  const [left, right] = [made(n), made(m)];
  const table = scoreTable(left, right);
  expect(table.length).toBe(n * m);
  for (let i = 0; i < n; i++) {
    const expected = Array.from({ length: m }, (_, j) => plain(row(left, i), row(right, j)));
    expect([...table.subarray(i * m, (i + 1) * m)]).toEqual(expected);
    expect([...scoresOf(row(left, i), right)]).toEqual(expected);
  }
});

it('refuses rows of two models', () => {
  expect(() => scoreTable(made(2), float32([1, 1], [1]))).toThrow(/one model/);
  expect(() => scoresOf(new Float32Array(1), made(2))).toThrow(/one model/);
});
