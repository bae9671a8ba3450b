import { describe, expect, it } from 'vitest';
import {
  add,
  cast,
  compile,
  exp,
  float32,
  gather,
  grad,
  input,
  maximum,
  mul,
  type NdArray,
  neg,
  scalar,
  stopGradient,
  sum,
  sumSquares,
  type Tensor,
  withGradient,
} from '../../src/tensor/index.ts';
import { readBy } from '../support/arrays.ts';

const x = input('x', 'float32', [2]);
const unrelated = input('unrelated', 'float32', [2, 2]);

/** Gradients of a loss at x = [1, 3]. */
async function gradients(loss: Tensor, wrt: readonly Tensor[], more: Readonly<Record<string, NdArray>> = {}) {
  const outputs = Object.fromEntries(grad(loss, wrt).map((gradient, i) => [`gradient${i}`, gradient]));
  const session = await compile({ outputs }, { threads: 1 });
  const all: Record<string, NdArray> = { x: float32([2], [1, 3]), ...more };
  const result = await session.run(readBy(session, all));
  await session.dispose();
  return wrt.map((_, i) => Array.from(result[`gradient${i}`]!.data, Number));
}

describe('grad', () => {
  it('adds up what reaches a tensor on several paths', async () => {
    const square = mul(x, x);
    // d(x² + x²·x + x)/dx = 2x + 3x² + 1
    expect(await gradients(sum(add(add(square, mul(square, x)), x)), [x])).toEqual([[6, 34]]);
  });

  it('is zero for what the loss does not depend on', async () => {
    expect(await gradients(sum(x), [unrelated, x])).toEqual([
      [0, 0, 0, 0],
      [1, 1],
    ]);
  });

  it('goes to intermediate tensors too', async () => {
    const y = mul(x, scalar(2));
    expect(await gradients(sumSquares(y), [y, x])).toEqual([
      [4, 12],
      [8, 24],
    ]);
  });

  it('of the loss itself is one', async () => {
    const loss = sum(x);
    expect(await gradients(loss, [loss])).toEqual([[1]]);
  });

  it('stops at stopGradient on that path only', async () => {
    expect(await gradients(sum(mul(x, stopGradient(x))), [x])).toEqual([[1, 3]]);
  });

  it('of the larger of two equal values goes to the second', async () => {
    const other = input('other', 'float32', [2]);
    const feeds = { other: float32([2], [1, 2]) };
    expect(await gradients(sum(maximum(x, other)), [x, other], feeds)).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('passes through half precision', async () => {
    expect(await gradients(sumSquares(cast(cast(x, 'float16'), 'float32')), [x])).toEqual([[2, 6]]);
  });

  it('of repeated rows accumulates', async () => {
    const table = input('table', 'float32', [3, 1]);
    const ids = input('ids', 'int64', [2, 2]);
    const feeds = {
      table: float32([3, 1], [1, 2, 3]),
      ids: { dtype: 'int64' as const, shape: [2, 2], data: BigInt64Array.of(2n, 0n, 2n, 2n) },
    };
    expect(await gradients(sum(gather(table, ids)), [table], feeds)).toEqual([[1, 0, 3]]);
  });

  it('can be differentiated again', async () => {
    const [first] = grad(sum(mul(mul(x, x), x)), [x]);
    expect(await gradients(sum(first!), [x])).toEqual([[6, 18]]);
  });

  it('of a custom rule leaves out inputs without one', async () => {
    const y = withGradient(exp(x), [x, unrelated], (dy) => [neg(dy), undefined]);
    expect(await gradients(sum(y), [x, unrelated])).toEqual([
      [-1, -1],
      [0, 0, 0, 0],
    ]);
  });

  it('refuses a custom rule whose result has another shape', () => {
    const y = withGradient(exp(x), [x], (dy) => [sum(dy)]);
    expect(() => grad(sum(y), [x])).toThrow('gradient of x: float32[2] has shape []');
  });

  it('takes graphs that are thousands of nodes deep', () => {
    let y: Tensor = x;
    for (let i = 0; i < 5000; i++) y = neg(y);
    expect(grad(sum(y), [x])[0]!.shape).toEqual([2]);
  });
});
