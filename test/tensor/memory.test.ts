import { describe, expect, it } from 'vitest';
import { peakIntermediates } from '../../src/tensor/cost/memory.ts';
import { exp, input, matmul, reshape, sum, transpose } from '../../src/tensor/index.ts';

const x = input('x', 'float32', [4, 4]);
const SIZE = 64;

describe('the peak of intermediate values', () => {
  it('counts what is alive at once', () => {
    const a = matmul(x, x);
    const b = matmul(a, x);
    const c = matmul(b, x);
    const d = matmul(c, x);
    // Each value dies when the next is made, the result lies outside.
    expect(peakIntermediates([d])).toBe(2 * SIZE);
    // a lives to the end.
    expect(peakIntermediates([matmul(d, a)])).toBe(3 * SIZE);
    expect(peakIntermediates([matmul(d, a)], [a])).toBe(2 * SIZE);
    expect(peakIntermediates([a, b])).toBe(0);
  });

  it('an elementwise result takes the place of an input that nothing reads afterwards', () => {
    const a = matmul(x, x);
    expect(peakIntermediates([matmul(exp(exp(a)), x)])).toBe(SIZE);
    expect(peakIntermediates([matmul(exp(a), a)])).toBe(2 * SIZE);
    // Not that of a graph input.
    expect(peakIntermediates([matmul(exp(x), x)])).toBe(SIZE);
  });

  it('a reshape is no memory, and keeps that of its input', () => {
    const a = matmul(x, x);
    const view = reshape(a, [2, 8]);
    const b = transpose(a, [1, 0]);
    const c = matmul(b, x);
    // While c is made: a through its view, b, c.
    expect(peakIntermediates([matmul(view, reshape(c, [8, 2]))])).toBe(3 * SIZE);
  });

  it('needs sizes', () => {
    expect(() => peakIntermediates([sum(exp(input('y', 'float32', ['batch'])))])).toThrow(/must be known/);
  });
});

it('memory that a later value of the same shape takes over is not given back in between', () => {
  const [wide, row] = [input('w', 'float32', [1, 400]), input('r', 'float32', [1, 4])];
  const a = matmul(x, x);
  const column = sum(a, [1], true);
  const large = matmul(column, wide);
  // As large as a column of 4, and a result of the shape of a.
  const back = sum(large, [1], true);
  const c = matmul(back, row);
  // While `large` is made: its column, and the place of a, which c takes later.
  expect(peakIntermediates([matmul(c, x)])).toBe(4 * 400 * 4 + 4 * 4 + SIZE);
  // Nothing takes it: it is given back.
  expect(peakIntermediates([back])).toBe(4 * 400 * 4 + 4 * 4);
});
