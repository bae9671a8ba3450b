import type { ParameterTable } from '../../nn/parameters.ts';
import { graphFlops } from '../../tensor/cost/flops.ts';
import { bytesOf, peakIntermediates, runtimeBytes } from '../../tensor/cost/memory.ts';
import { grad, type Tensor } from '../../tensor/index.ts';
import { type AnyObjective, isCached } from '../losses/chunkedObjective.ts';
import { trainable } from '../losses/objective.ts';
import { momentBytes, type OptimizerConfig } from '../step/optimizer/chain.ts';
import { stepGraph } from '../step/step.ts';
import { cachedStepFlops, planCachedMemory } from './chunkedCost.ts';

/** Bytes that a training step needs. */
export interface StepMemory {
  /** All parameters once, frozen ones included. */
  readonly parameters: number;
  /** The moments of what is trained, once. */
  readonly moments: number;
  /** What is carried beside the parameters, once. */
  readonly carried: number;
  /**
   * The second set of all that changes: a step reads one set and writes the other. For tables that are updated by rows,
   * both sets of a batch's rows instead.
   */
  readonly secondSide: number;
  /** The batch. */
  readonly batch: number;
  /** Gradients of what is trained. All are alive at once, as clipping needs the norm of all. */
  readonly gradients: number;
  /** Intermediate values beside the gradients, at the moment at which they are most. */
  readonly activations: number;
  /** What the runtime takes beside those: see {@link runtimeBytes}. */
  readonly runtime: number;
  /** All of the above together. */
  readonly total: number;
}

const sum = (tensors: Iterable<Tensor>): number =>
  [...tensors].reduce((total, tensor) => total + bytesOf(tensor), 0);

/**
 * The memory of one step, planned from the objective's graph without compiling or running it: order of the nodes,
 * lifetimes and shapes. The activations are an estimate (see {@link peakIntermediates}); the rest is counted.
 * @param rowSparse as for the step (see `StepOptions`)
 */
export function planMemory(
  objective: AnyObjective,
  optimizer: OptimizerConfig,
  rowSparse?: boolean,
): StepMemory {
  if (isCached(objective)) return planCachedMemory(objective, optimizer, rowSparse);
  const { next, rows, reported, tables } = stepGraph(objective, optimizer, rowSparse);
  const tensors = (table: ParameterTable) => [...table.values()].map(({ tensor }) => tensor);
  const trained = trainable(objective);
  const inTables = sum(tables.map(({ name }) => trained.get(name)!.tensor));
  const ofRows = sum(Object.values(rows)) / 3;
  const dense = sum(tensors(trained)) - inTables;
  const carried = sum([...(objective.carried?.values() ?? [])].map(({ tensor }) => tensor));
  const gradients = dense + ofRows;
  const outputs = [next, rows, reported].flatMap((record) => Object.values(record));
  const activations = Math.max(peakIntermediates(outputs) - gradients, 0);
  const parts = {
    parameters: sum(tensors(objective.parameters)),
    moments: momentBytes(trained, optimizer),
    carried,
    secondSide: sum(Object.values(next)) + 6 * ofRows,
    batch: sum(Object.values(objective.inputs)),
    gradients,
    activations,
    runtime: runtimeBytes(gradients + activations),
  };
  return { ...parts, total: Object.values(parts).reduce((total, bytes) => total + bytes, 0) };
}

/** Floating-point operations of the matrix products of one step, forward and backward (see {@link graphFlops}). */
export function stepFlops(objective: AnyObjective): number {
  if (isCached(objective)) return cachedStepFlops(objective);
  const trained = [...trainable(objective).values()].map(({ tensor }) => tensor);
  return graphFlops([objective.loss, ...grad(objective.loss, trained)]);
}
