import { describe, expect, it } from 'vitest';
import {
  add,
  attention,
  broadcastTo,
  compile,
  concat,
  type Dim,
  float32,
  gather,
  gelu,
  grad,
  input,
  int32,
  iota,
  layerNorm,
  linear,
  matmul,
  mergeDims,
  mul,
  type NdArray,
  reshape,
  slice,
  softmax,
  sum,
  sumSquares,
  type Tensor,
  transpose,
} from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';

const [TOKENS, WIDTH, ROWS] = [3, 4, 6];

const draw = (label: string, shape: readonly number[]): NdArray<'float32'> => {
  const random = createRandom(3, label);
  return float32(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
  );
};

const WEIGHTS: Readonly<Record<string, NdArray>> = {
  weight: draw('weight', [WIDTH, WIDTH]),
  bias: draw('bias', [WIDTH]),
  table: draw('table', [ROWS, WIDTH]),
  probe: draw('probe', [2, WIDTH]),
  mask: draw('mask', [1, 1, TOKENS, TOKENS]),
};

/** Every primitive that a tower uses on its batch axis, chained; `batch` is a number or a name. */
function tower(batch: Dim): Record<string, Tensor> {
  const parameter = (name: string) => input(name, 'float32', WEIGHTS[name]!.shape);
  const [weight, bias] = [parameter('weight'), parameter('bias')];
  const x = input('x', 'float32', [batch, TOKENS, WIDTH]);
  const ids = input('ids', 'int32', [batch, TOKENS]);
  const embedded = add(x, gather(parameter('table'), ids));
  const projected = linear(embedded, weight, bias);
  const flat = reshape(projected, [mergeDims(batch, TOKENS), WIDTH]);
  const restored = reshape(gelu(flat), [batch, TOKENS, WIDTH]);
  const attended = attention(restored, projected, embedded, 2, parameter('mask'));
  const joined = concat([slice(attended, 1, 0, 2), slice(restored, 1, 2, 3)], 1);
  const normalized = layerNorm(joined, bias, bias, 1e-3);
  const heads = transpose(reshape(normalized, [batch, TOKENS, 2, 2]), [2, 0, 1, 3]);
  const scores = softmax(matmul(parameter('probe'), normalized, { transB: true }));
  const pooled = matmul(scores, normalized);
  const loss = sumSquares(pooled);
  const gradients = grad(loss, [weight, bias, x]);
  return {
    flat,
    heads,
    pooled,
    positions: iota(x, 0),
    total: sum(heads, [1]),
    repeated: broadcastTo(reshape(x, [batch, 1, TOKENS, WIDTH]), [batch, 2, TOKENS, WIDTH]),
    dWeight: gradients[0]!,
    dBias: gradients[1]!,
    dx: gradients[2]!,
  };
}

const feedsOf = (size: number): Record<string, NdArray> => ({
  ...WEIGHTS,
  x: draw(`x${size}`, [size, TOKENS, WIDTH]),
  ids: int32(
    [size, TOKENS],
    Array.from({ length: size * TOKENS }, (_, i) => (i * 5) % ROWS),
  ),
});

describe.each([true, false])('a batch size known only at run time (fused: %s)', (fused) => {
  it('gives the same numbers and gradients as graphs of that size', async () => {
    const options = { fused };
    const symbolic = await compile({ outputs: tower('batch'), options }, { threads: 1 });
    for (const size of [1, 4, 2]) {
      const fixed = await compile({ outputs: tower(size), options }, { threads: 1 });
      const expected = await fixed.run(feedsOf(size));
      const actual = await symbolic.run(feedsOf(size));
      await fixed.dispose();
      for (const [name, { shape, data }] of Object.entries(expected)) {
        expect(actual[name]!.shape, name).toEqual(shape);
        // The same kernels in another order of fusion: a few roundings of values up to 1e2.
        Array.from(data, Number).forEach((value, i) => {
          expect(Math.abs(Number(actual[name]!.data[i]) - value), name).toBeLessThan(1e-4);
        });
      }
    }
    await symbolic.dispose();
  });
});

describe.each([true, false])('a length known only at run time beside the batch (fused: %s)', (fused) => {
  /** What a NaFlex tower does along its two free axes. */
  function sequences(batch: Dim, length: Dim): Record<string, Tensor> {
    const parameter = (name: string) => input(name, 'float32', WEIGHTS[name]!.shape);
    const x = input('x', 'float32', [batch, length, WIDTH]);
    const mask = input('padding', 'float32', [batch, length]);
    const projected = linear(x, parameter('weight'), parameter('bias'));
    const heads = reshape(projected, [batch, length, 2, 2]);
    return {
      merged: reshape(mul(heads, heads), [batch, length, WIDTH]),
      attended: attention(projected, x, projected, 2, reshape(mask, [batch, 1, 1, length])),
      positions: iota(mask, 1),
    };
  }

  it('gives the same numbers as graphs of those sizes', async () => {
    const options = { fused };
    const symbolic = await compile({ outputs: sequences('batch', 'length'), options }, { threads: 1 });
    for (const [batch, length] of [
      [2, 5],
      [3, 1],
      [1, 7],
    ] as const) {
      const feeds = {
        weight: WEIGHTS['weight']!,
        bias: WEIGHTS['bias']!,
        x: draw('sequences', [batch, length, WIDTH]),
        padding: draw('padding', [batch, length]),
      };
      const fixed = await compile({ outputs: sequences(batch, length), options }, { threads: 1 });
      const [expected, actual] = [await fixed.run(feeds), await symbolic.run(feeds)];
      await fixed.dispose();
      for (const [name, { shape, data }] of Object.entries(expected)) {
        expect(actual[name]!.shape, name).toEqual(shape);
        Array.from(data, Number).forEach((value, i) => {
          expect(Math.abs(Number(actual[name]!.data[i]) - value), name).toBeLessThan(1e-5);
        });
      }
    }
    await symbolic.dispose();
  });

  it('refuses a reshape in which two free axes move', () => {
    const x = input('x', 'float32', ['batch', 'length', WIDTH]);
    expect(() => reshape(x, [WIDTH, 'batch', 'length'])).toThrow(
      /one symbolic dimension may change its place/,
    );
  });
});

describe('an empty batch', () => {
  // Without `pooled` and gradients: the runtime's product refuses to broadcast a matrix over an empty batch.
  it.each([true, false])('gives empty results (fused: %s)', async (fused) => {
    const { heads, positions, total, repeated } = tower('batch');
    const outputs = {
      heads: heads!,
      positions: positions!,
      total: total!,
      repeated: repeated!,
    };
    const session = await compile({ outputs, options: { fused } }, { threads: 1 });
    const { probe: _, ...feeds } = feedsOf(0);
    const result = await session.run(feeds);
    await session.dispose();
    expect(Object.fromEntries(Object.entries(result).map(([name, { shape }]) => [name, shape]))).toEqual({
      heads: [2, 0, TOKENS, 2],
      positions: [0],
      total: [2, TOKENS, 2],
      repeated: [0, 2, TOKENS, WIDTH],
    });
    expect(Array.from(result['total']!.data, Number)).toEqual(new Array(2 * TOKENS * 2).fill(0));
  });
});

describe('shapes with names', () => {
  const x = input('x', 'float32', ['batch', 3, 4]);

  it('merge and split by the name of the product', () => {
    const merged = mergeDims('batch', 3);
    expect(merged).toBe('batch*3');
    expect(reshape(x, [merged, 4]).shape).toEqual(['batch*3', 4]);
    expect(reshape(reshape(x, [merged, 4]), ['batch', 12]).shape).toEqual(['batch', 12]);
    expect(mergeDims(2, 3)).toBe(6);
    expect(mergeDims('batch', 1)).toBe('batch');
  });

  it('are not confused with other names or sizes', () => {
    expect(() => reshape(x, ['images', 12])).toThrow('cannot reshape [batch, 3, 4] to [images, 12]');
    expect(() => reshape(x, ['batch', 13])).toThrow('cannot reshape [batch, 3, 4] to [batch, 13]');
    expect(() => reshape(x, ['batch*2', 6])).not.toThrow();
    expect(() => broadcastTo(input('row', 'float32', [1, 4]), ['batch', 4])).toThrow(
      'broadcastTo(row: float32[1, 4]): the size of a repeated axis must be known when the graph is built, got batch',
    );
  });
});
