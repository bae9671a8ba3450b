import { add, grad, scatterAdd, type Tensor } from '../../../tensor/index.ts';
import { replaceTensors } from '../../../tensor/replace.ts';
import { type Objective, trainable } from '../../losses/objective.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';
import { type UpdateGraph, updateFrom } from '../updateGraph.ts';
import type { SparseTable } from './findTables.ts';
import { readingsOfRows, rowInputs, splitNext, trainedRows } from './rowInputs.ts';

/**
 * One update as a graph in which the tables do not occur: their rows come in and go out, and the gradient of a row is
 * the sum over its readings.
 * @returns in `rows` the next values of the rows and of their moments, beside the other ones in `next`
 */
export function rowUpdateGraph(
  objective: Objective,
  optimizer: AnyOptimizer,
  tables: readonly SparseTable[],
): UpdateGraph & { readonly rows: Readonly<Record<string, Tensor>> } {
  const stands = tables.map(rowInputs);
  const tableNames = new Set(tables.map(({ name }) => name));
  const others = [...trainable(objective)].filter(([name]) => !tableNames.has(name));
  const readings = tables.flatMap((table) => table.readings.map(({ rows }) => rows));
  const gradients = grad(objective.loss, [...others.map(([, { tensor }]) => tensor), ...readings]);
  const ofReadings = new Map(readings.map((rows, i) => [rows, gradients[others.length + i]!]));
  const rowGradients = stands.map(({ table, places }) =>
    table.readings
      .map(({ rows }, i) => scatterAdd(places[i]!, ofReadings.get(rows)!, table.slots))
      .reduce(add),
  );
  const trained = trainedRows(objective, stands);
  const update = updateFrom(trained, [...gradients.slice(0, others.length), ...rowGradients], optimizer);
  const reported = { loss: objective.loss, ...update.reported, ...objective.metrics };
  const outputs = [...Object.values(update.next), ...Object.values(reported)];
  // In one go: what is reported depends on the gradients, and rebuilt apart it would compute all of them once more.
  const replaced = replaceTensors(outputs, readingsOfRows(stands));
  const rebuilt = new Map(outputs.map((tensor, i) => [tensor, replaced[i]!]));
  const onRows = (tensors: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, rebuilt.get(tensor)!]));
  return { scalars: update.scalars, ...splitNext(onRows(update.next), stands), reported: onRows(reported) };
}
