import type { ParameterTable } from '../../nn/parameters.ts';
import { graphFlops } from '../../tensor/cost/flops.ts';
import { bytesOf, peakIntermediates, runtimeBytes } from '../../tensor/cost/memory.ts';
import { grad, type Tensor } from '../../tensor/index.ts';
import { type Objective, trainable } from '../losses/objective.ts';
import { momentBytes } from '../step/optimizer/optimizer.ts';
import type { AnyOptimizer } from '../step/optimizer/rules.ts';
import { denseRows } from '../step/sparse/denseRows.ts';
import { rowsForTables } from '../step/sparse/rowForm.ts';
import { splitNext } from '../step/sparse/rowInputs.ts';
import { updateGraph } from '../step/step.ts';
import type { StepMemory } from './stepMemory.ts';

const sum = (tensors: Iterable<Tensor>): number =>
  [...tensors].reduce((total, tensor) => total + bytesOf(tensor), 0);

/**
 * The memory of one step, estimated from the objective's graph without compiling or running it: order of the nodes,
 * lifetimes and shapes. The activations are an estimate (see {@link peakIntermediates}); the rest is counted.
 * @param sparse as for the step (see `StepOptions`)
 */
export function denseMemory(objective: Objective, optimizer: AnyOptimizer, sparse?: boolean): StepMemory {
  const onRows = rowsForTables(denseRows, objective, optimizer, sparse);
  const { tables, graph = updateGraph(objective, optimizer) } = onRows;
  const { next, rows } = splitNext(graph.next, tables);
  const tensors = (table: ParameterTable) => [...table.values()].map(({ tensor }) => tensor);
  const trained = trainable(objective);
  const inTables = sum(tables.map(({ name }) => trained.get(name)!.tensor));
  const ofRows = sum(Object.values(rows)) / 3;
  const dense = sum(tensors(trained)) - inTables;
  const carried = sum([...(objective.carried?.values() ?? [])].map(({ tensor }) => tensor));
  const gradients = dense + ofRows;
  const outputs = [next, rows, graph.reported].flatMap((record) => Object.values(record));
  const activations = Math.max(peakIntermediates(outputs) - gradients, 0);
  const parts = {
    parameters: sum(tensors(objective.parameters)),
    moments: momentBytes(trained, optimizer),
    carried,
    secondBuffer: sum(Object.values(next)) + 6 * ofRows,
    batch: sum(Object.values(objective.inputs)),
    gradients,
    activations,
    runtime: runtimeBytes(gradients + activations),
  };
  return { ...parts, total: Object.values(parts).reduce((total, bytes) => total + bytes, 0) };
}

/** Floating-point operations of the matrix products of a step at once (see {@link graphFlops}). */
export function denseFlops(objective: Objective): number {
  const trained = [...trainable(objective).values()].map(({ tensor }) => tensor);
  return graphFlops([objective.loss, ...grad(objective.loss, trained)]);
}
