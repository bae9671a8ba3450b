import { describe, expect, it } from 'vitest';
import {
  compile,
  float32,
  gelu,
  grad,
  input,
  logSigmoid,
  logSumExp,
  mul,
  type NdArray,
  scalar,
  sigmoid,
  softmax,
  softplus,
  sum,
  type Tensor,
} from '../../../src/tensor/index.ts';
import * as scalarReference from '../../support/reference/elementwise.ts';
import * as rows from '../../support/reference/normalization.ts';

type Outputs = Readonly<Record<string, Tensor>>;

/** Runs a graph of one input `x`, with fused or plain kernels. */
async function evaluate(outputs: (x: Tensor) => Outputs, x: NdArray, fused = true) {
  const graph = outputs(input('x', 'float32', x.shape));
  const session = await compile({ outputs: graph, options: { fused } }, { threads: 1 });
  try {
    return await session.run({ x });
  } finally {
    await session.dispose();
  }
}

const line = (from: number, to: number, count: number): NdArray<'float32'> =>
  float32(
    [count],
    Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1)),
  );

const numbers = (array: NdArray | undefined): number[] => Array.from(array!.data, Number);

/** Largest |a − f(x)| / |f(x)|. */
const relative = (actual: NdArray, x: NdArray, f: (x: number) => number): number =>
  Array.from(x.data, Number).reduce((worst, value, i) => {
    const expected = f(value);
    return Math.max(worst, Math.abs(Number(actual.data[i]) - expected) / Math.abs(expected));
  }, 0);

describe('softplus', () => {
  it('is exact to a few float32 roundings from −40 to 40, also on the log-sigmoid side', async () => {
    const x = line(-40, 40, 4001);
    const result = await evaluate((t) => ({ y: softplus(t), z: logSigmoid(t) }), x);
    expect(relative(result['y']!, x, scalarReference.softplus)).toBeLessThan(1e-6);
    expect(relative(result['z']!, x, (v) => -scalarReference.softplus(-v))).toBeLessThan(1e-6);
  });

  it('and its gradient stay finite at ±1e4', async () => {
    const x = float32([4], [-1e4, -100, 100, 1e4]);
    const result = await evaluate((t) => ({ y: softplus(t), dx: grad(sum(softplus(t)), [t])[0]! }), x);
    const tiny = expect.closeTo(0, 30);
    expect(numbers(result['y'])).toEqual([0, tiny, 100, 1e4]);
    expect(numbers(result['dx'])).toEqual([0, tiny, 1, 1]);
  });
});

describe('sigmoid', () => {
  it('is exact to a few float32 roundings from −80 to 80', async () => {
    const x = line(-80, 80, 4001);
    const result = await evaluate(
      (t) => ({ y: sigmoid(t), slope: grad(sum(softplus(t)), [t])[0]!, far: sigmoid(mul(t, scalar(1e3))) }),
      x,
    );
    expect(relative(result['y']!, x, scalarReference.sigmoid)).toBeLessThan(1e-6);
    expect(relative(result['slope']!, x, scalarReference.sigmoid)).toBeLessThan(1e-6);
    expect(numbers(result['far']).every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});

/** Largest error of gelu's derivative, against a central difference in doubles. */
const worstSlope = (actual: NdArray, x: NdArray): number =>
  Array.from(x.data, Number).reduce((worst, value, i) => {
    const { gelu: f } = scalarReference;
    const expected = (f(value + 1e-5) - f(value - 1e-5)) / 2e-5;
    return Math.max(worst, Math.abs(Number(actual.data[i]) - expected));
  }, 0);

describe('gelu', () => {
  // Errors relative to max(|x|, 1): 1 − tanh loses digits on the negative side in every float32 form.
  it.each([
    ['fused', true, false],
    ['plain', false, false],
    ['with its gradient', true, true],
  ])('%s equals the tanh approximation from −12 to 12', async (_, fused, differentiated) => {
    const x = line(-12, 12, 2401);
    const result = await evaluate(
      (t) => ({ y: gelu(t), ...(differentiated && { dx: grad(sum(gelu(t)), [t])[0]! }) }),
      x,
      fused,
    );
    Array.from(x.data, Number).forEach((value, i) => {
      const error = Math.abs(Number(result['y']!.data[i]) - scalarReference.gelu(value));
      expect(error / Math.max(1, Math.abs(value)), `x = ${value}`).toBeLessThan(3e-7);
    });
    // y − y·gate cancels where the gate is near 1, times a slope that grows as x².
    if (differentiated) expect(worstSlope(result['dx']!, x)).toBeLessThan(1e-5);
  });

  it('and its gradient have their limits at ±1e4', async () => {
    const x = float32([2], [-1e4, 1e4]);
    const result = await evaluate((t) => ({ y: gelu(t), dx: grad(sum(gelu(t)), [t])[0]! }), x);
    expect(numbers(result['y']).map((v) => v + 0)).toEqual([0, 1e4]);
    expect(numbers(result['dx']).map((v) => v + 0)).toEqual([0, 1]);
  });
});

describe('softmax', () => {
  it('keeps rows of very large and very different scores', async () => {
    const x = float32([3, 4], [1e4, 1e4 + 1, -1e4, 0, -3e38, -3e38, -3e38, -3e38, 88, 89, 90, -200]);
    const { y } = await evaluate((t) => ({ y: softmax(t) }), x);
    const expected = rows.softmax({ shape: x.shape, data: Float64Array.from(x.data) });
    // 1e-6: one exponential and one division in float32.
    y!.data.forEach((value, i) => {
      expect(Math.abs(Number(value) - expected.data[i]!)).toBeLessThan(1e-6);
    });
  });
});

describe('logSumExp', () => {
  it('does not overflow, and one value alone is itself', async () => {
    const x = float32([3, 2], [1e4, 1e4, -1e4, -1e4, 1e4, -1e4]);
    const { y } = await evaluate((t) => ({ y: logSumExp(t) }), x);
    // Float32 near 1e4 is spaced 1e-3.
    const expected = [1e4 + Math.LN2, -1e4 + Math.LN2, 1e4];
    numbers(y).forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-3);
    });
    const single = await evaluate((t) => ({ y: logSumExp(t) }), float32([2, 1], [3.5, -7]));
    expect(numbers(single['y'])).toEqual([3.5, -7]);
  });

  it('is ln K + x for 65,536 equal values', async () => {
    const { y } = await evaluate(
      (t) => ({ y: logSumExp(t) }),
      float32([1, 65536], new Float32Array(65536).fill(2)),
    );
    expect(numbers(y)[0]).toBeCloseTo(2 + Math.log(65536), 4);
  });
});
