import { staticDim } from '../shape.ts';
import { type Tensor, topologicalOrder } from '../tensor.ts';

/** Floating-point operations of [m, k] × [k, n]. */
export const matmulFlops = (m: number, k: number, n: number): number => 2 * m * k * n;

/**
 * Floating-point operations of a graph, counted over its nodes: 2·(size of the result)·(inner size) for each product of
 * matrices, 4·(size of q)·(number of keys) for attention (scores and weighted values). Nothing else counts: neither
 * norms, GELU and softmax nor the optimizer. So a rate says how well the products are fed, and work that the graph
 * avoids earns nothing.
 * @param batch the value of the symbolic dimension `batch`, if there is one
 * @example
 * console.log(graphFlops([matmul(input('a', 'float32', [2, 3]), input('b', 'float32', [3, 4]))])); // 48
 */
export function graphFlops(outputs: readonly Tensor[], batch?: number): number {
  const resolve = (dim: number | string | undefined) => staticDim(dim === 'batch' ? (batch ?? dim) : dim);
  const size = ({ shape }: Tensor) => shape.reduce<number>((n, dim) => n * resolve(dim), 1);
  let total = 0;
  for (const { primitive, inputs, outputs: results, attributes } of topologicalOrder(outputs)) {
    const [left, right] = inputs;
    const result = results[0]!;
    if (primitive.name === 'linear') total += 2 * size(result) * resolve(left!.shape.at(-1));
    if (primitive.name === 'matmul')
      total += 2 * size(result) * resolve(left!.shape.at(attributes['transA'] ? -2 : -1));
    if (primitive.name === 'attention') total += 4 * size(left!) * resolve(right!.shape[1]);
  }
  return total;
}
