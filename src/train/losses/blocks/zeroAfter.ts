import { add, mul, reshape, scalar, slice, type Tensor } from '../../../tensor/index.ts';

/**
 * A zero that exists only after `tensors` (float32) have been computed. Added to what a block of work reads, it makes
 * the block wait: an executor is free to order nodes, and may otherwise hold all blocks of a loss in memory at once.
 */
export function zeroAfter(...tensors: readonly Tensor[]): Tensor {
  const first = (x: Tensor) =>
    reshape(
      x.shape.reduce<Tensor>((y, _, axis) => slice(y, axis, 0, 1), x),
      [],
    );
  return mul(tensors.map(first).reduce(add), scalar(0));
}
