import { type Arrays, grad, type SessionOptions, type Tensor } from '../../../tensor/index.ts';
import { topologicalOrder } from '../../../tensor/tensor.ts';
import type { ChunkedObjective } from '../../losses/chunkedObjective.ts';
import { trainable } from '../../losses/objective.ts';
import type { Buffers } from '../state/buffers.ts';
import type { DoubleBuffer } from '../state/doubleBuffer.ts';
import { accumulate } from './chunks.ts';

/** What the parts of a step share. */
export interface Parts {
  readonly objective: ChunkedObjective;
  readonly sides: DoubleBuffer;
  /** Frozen parameters, and what a layer around the step feeds. */
  readonly fixed: Arrays;
  /** Gradients of what is trained, summed over chunks and blocks. */
  readonly gradients: Buffers;
  readonly options: SessionOptions;
}

/** Gradients of a scalar: of those trained parameters that it depends on, by name, and of other tensors. */
export function gradientsOf(
  loss: Tensor,
  objective: ChunkedObjective,
  others: readonly Tensor[] = [],
): { readonly parameters: Record<string, Tensor>; readonly others: readonly Tensor[] } {
  const nodes = new Set(topologicalOrder([loss]));
  const reached = [...trainable(objective)].filter(([, { tensor }]) => nodes.has(tensor.node));
  const gradients = grad(loss, [...others, ...reached.map(([, { tensor }]) => tensor)]);
  const ofParameters = gradients.slice(others.length);
  return {
    parameters: Object.fromEntries(reached.map(([name], i) => [name, ofParameters[i]!])),
    others: gradients.slice(0, others.length),
  };
}

/** Adds terms to the sums of the same names. */
export function accumulateAll(sums: Buffers, terms: Buffers): void {
  for (const [name, term] of Object.entries(terms)) accumulate(sums[name]!, term);
}
