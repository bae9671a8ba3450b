import { concat, reshape, slice, staticDim, type Tensor } from '../../../tensor/index.ts';

/**
 * The same float32 tensors as parts of one: for the small results of a loss's block that share large intermediates.
 *
 * The runtime orders nodes depth first from the graph's outputs. Results that are read in several places would be
 * computed at several times, and what they share would be kept for all blocks until the last is done; that of one tensor
 * is dropped before the next block begins.
 */
export function together(parts: readonly Tensor[]): Tensor[] {
  const sizes = parts.map(({ shape }) => shape.reduce<number>((size, dim) => size * staticDim(dim), 1));
  const joined = concat(
    parts.map((part, i) => reshape(part, [sizes[i]!])),
    0,
  );
  let end = 0;
  return parts.map(({ shape }, i) => {
    end += sizes[i]!;
    return reshape(slice(joined, 0, end - sizes[i]!, end), shape);
  });
}
