import { describe, expect, it } from 'vitest';
import {
  attention,
  compile,
  float32,
  grad,
  input,
  layerNorm,
  sum,
  type Tensor,
} from '../../../src/tensor/index.ts';
import * as rows from '../../support/reference/normalization.ts';

describe('layerNorm at ε = 1e-6', () => {
  const size = 768;
  const scale = input('scale', 'float32', [size]);
  const bias = input('bias', 'float32', [size]);

  it.each([0, 1, -1000, 3.3])('maps a constant row of %s to the bias', async (value) => {
    const x = input('x', 'float32', [1, size]);
    const y = layerNorm(x, scale, bias, 1e-6);
    const session = await compile({ outputs: { y, dx: grad(sum(y), [x])[0]! } });
    const result = await session.run({
      x: float32([1, size], new Float32Array(size).fill(value)),
      scale: float32([size], new Float32Array(size).fill(1)),
      bias: float32([size], new Float32Array(size).fill(0.25)),
    });
    await session.dispose();
    // The mean of equal numbers is off by float32 summation, and 1/√ε = 1000 magnifies that.
    const tolerance = 1e-6 + Math.abs(value) * 1e-7 * 1000;
    for (const element of result['y']!.data) {
      expect(Math.abs(Number(element) - 0.25)).toBeLessThan(tolerance);
    }
    for (const element of result['dx']!.data) expect(Number.isFinite(Number(element))).toBe(true);
  });

  it('is accurate for rows with a mean far from zero', async () => {
    const x = input('x', 'float32', [1, size]);
    const data = Float32Array.from({ length: size }, (_, i) => 100 + Math.sin(i));
    const session = await compile({ outputs: { y: layerNorm(x, scale, bias, 1e-6) } });
    const ones = new Float32Array(size).fill(1);
    const { y } = await session.run({
      x: float32([1, size], data),
      scale: float32([size], ones),
      bias: float32([size], new Float32Array(size)),
    });
    await session.dispose();
    const plain = (values: Float32Array) => ({ shape: [values.length], data: Float64Array.from(values) });
    const expected = rows.layerNorm(
      { shape: [1, size], data: Float64Array.from(data) },
      plain(ones),
      plain(new Float32Array(size)),
      1e-6,
    );
    // Values near 100 carry 4e-6 of rounding already; a variance from E[x²] − E[x]² would be off by 1e-3.
    y!.data.forEach((value, i) => {
      expect(Math.abs(Number(value) - expected.data[i]!)).toBeLessThan(5e-5);
    });
  });
});

describe('attention with fully masked rows', () => {
  it.each([
    ['fused', true, false],
    ['plain', false, false],
    ['with its gradient', true, true],
  ])('%s stays finite and averages the values', async (_, fused, differentiated) => {
    const [q, k, v] = ['q', 'k', 'v'].map((name) => input(name, 'float32', [1, 3, 4])) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const mask = input('mask', 'float32', [1, 1, 3, 3]);
    const y = attention(q, k, v, 2, mask);
    const gradients = differentiated ? grad(sum(y), [q, k, v]) : [];
    const outputs = {
      y,
      ...Object.fromEntries(gradients.map((gradient, i) => [`gradient${i}`, gradient])),
    };
    const session = await compile({ outputs, options: { fused } });
    const values = float32([1, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const lowest = -3.4028234663852886e38;
    const result = await session.run({
      q: values,
      k: values,
      v: values,
      mask: float32([1, 1, 3, 3], [0, 0, 0, lowest, lowest, lowest, 0, lowest, lowest]),
    });
    await session.dispose();
    for (const array of Object.values(result)) {
      expect(Array.from(array.data, Number).every(Number.isFinite)).toBe(true);
    }
    const row = (t: number) => Array.from(result['y']!.data.slice(4 * t, 4 * t + 4), Number);
    // Scores of a masked row are all lost in the mask's magnitude: equal weights.
    row(1).forEach((value, i) => {
      expect(value).toBeCloseTo(5 + i, 4);
    });
    expect(row(2)).toEqual([1, 2, 3, 4]);
  });
});
