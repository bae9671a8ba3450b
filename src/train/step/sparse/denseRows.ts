import { add, grad, scatterAdd, type Tensor } from '../../../tensor/index.ts';
import { replaceTensors } from '../../../tensor/replace.ts';
import { type Objective, trainable } from '../../losses/objective.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';
import { updateFrom } from '../updateGraph.ts';
import { readableOf, type SparseTable } from './findTables.ts';
import type { OnRows, RowForm } from './rowForm.ts';
import {
  placesInputs,
  type RowInputs,
  readingsOfRows,
  rowInputs,
  splitNext,
  trainedRows,
} from './rowInputs.ts';

/** Gradients of what is trained but the tables, and of each table's rows: the sum over its readings. */
function gradientsOf(objective: Objective, stands: readonly RowInputs[]): Tensor[] {
  const names = new Set(stands.map(({ table }) => table.name));
  const others = [...trainable(objective)].flatMap(([name, { tensor }]) => (names.has(name) ? [] : [tensor]));
  const readings = stands.flatMap(({ table }) => table.readings.map(({ rows }) => rows));
  const gradients = grad(objective.loss, [...others, ...readings]);
  const ofReadings = new Map(readings.map((rows, i) => [rows, gradients[others.length + i]!]));
  const ofRows = stands.map(({ table, places }) =>
    table.readings
      .map(({ rows }, i) => scatterAdd(places[i]!, ofReadings.get(rows)!, table.slots))
      .reduce(add),
  );
  return [...gradients.slice(0, others.length), ...ofRows];
}

/**
 * The objective and its update as a graph in which the tables do not occur: their rows come in and go out. It is
 * differentiated before rows take the tables' place, since the rule of a `withGradient` speaks of the tensors as they were.
 */
function onRows(
  objective: Objective,
  optimizer: AnyOptimizer,
  tables: readonly SparseTable[],
): OnRows<Objective> {
  const stands = tables.map(rowInputs);
  const trained = trainedRows(objective, stands);
  const update = updateFrom(trained, gradientsOf(objective, stands), optimizer);
  const { next, rows } = splitNext(update.next, tables);
  const reported = { loss: objective.loss, ...update.reported, ...objective.metrics };
  const outputs = [...Object.values(update.next), ...Object.values(reported)];
  // In one go: what is reported depends on the gradients, and rebuilt apart it would compute all of them once more.
  const replaced = replaceTensors(outputs, readingsOfRows(stands));
  const rebuilt = new Map(outputs.map((tensor, i) => [tensor, replaced[i]!]));
  const onTheRows = (tensors: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, rebuilt.get(tensor)!]));
  return {
    objective: {
      ...objective,
      ...trained,
      inputs: { ...objective.inputs, ...placesInputs(stands) },
      loss: rebuilt.get(objective.loss)!,
      metrics: onTheRows(objective.metrics),
    },
    graph: {
      scalars: update.scalars,
      next: onTheRows({ ...next, ...rows }),
      reported: onTheRows(reported),
    },
  };
}

/** Rows in an objective that is computed at once. */
export const denseRows: RowForm<Objective> = { readable: readableOf, onRows };
