import { graphFlops } from '../tensor/flops.ts';
import { grad, type Tensor } from '../tensor/index.ts';
import { bytesOf, peakIntermediates } from '../tensor/memory.ts';
import { frozenParameters, type Objective, trainable } from './objective.ts';
import type { OptimizerConfig } from './optimizer.ts';
import { updateGraph } from './updateGraph.ts';

/** Bytes that a training step needs. */
export interface StepMemory {
  /** All parameters once, frozen ones included. */
  readonly parameters: number;
  /** Both moments of what is trained, once. */
  readonly moments: number;
  /** What is carried beside the parameters, once. */
  readonly carried: number;
  /** The second set of all that changes: a step reads one set and writes the other. */
  readonly secondSide: number;
  /** The batch. */
  readonly batch: number;
  /** Gradients of what is trained. All are alive at once, as clipping needs the norm of all. */
  readonly gradients: number;
  /** Intermediate values beside the gradients, at the moment at which they are most. */
  readonly activations: number;
  /** All of the above together. */
  readonly total: number;
}

const sum = (tensors: Iterable<Tensor>): number =>
  [...tensors].reduce((total, tensor) => total + bytesOf(tensor), 0);

/**
 * The memory of one step, planned from the objective's graph without compiling or running it: order of the nodes,
 * lifetimes and shapes. The activations are an estimate (see {@link peakIntermediates}); the rest is counted.
 */
export function planMemory(objective: Objective, optimizer: OptimizerConfig): StepMemory {
  const { next, reported } = updateGraph(objective, optimizer);
  const tensors = (table: Objective['parameters']) => [...table.values()].map(({ tensor }) => tensor);
  const trained = sum(tensors(trainable(objective)));
  const frozen = sum(tensors(frozenParameters(objective)));
  const carried = sum([...(objective.carried?.values() ?? [])].map(({ tensor }) => tensor));
  const intermediates = peakIntermediates([...Object.values(next), ...Object.values(reported)]);
  const parts = {
    parameters: trained + frozen,
    moments: 2 * trained,
    carried,
    secondSide: 3 * trained + carried,
    batch: sum(Object.values(objective.inputs)),
    gradients: trained,
    activations: Math.max(intermediates - trained, 0),
  };
  return { ...parts, total: Object.values(parts).reduce((total, bytes) => total + bytes, 0) };
}

/** Floating-point operations of the matrix products of one step, forward and backward (see {@link graphFlops}). */
export function stepFlops(objective: Objective): number {
  const trained = [...trainable(objective).values()].map(({ tensor }) => tensor);
  return graphFlops([objective.loss, ...grad(objective.loss, trained)]);
}
