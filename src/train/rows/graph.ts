import { add, gather, grad, input, scatterAdd, type Tensor } from '../../tensor/index.ts';
import { replaceTensors } from '../../tensor/replace.ts';
import { type Objective, trainable } from '../objective.ts';
import { firstMoment, type OptimizerConfig, secondMoment } from '../optimizer.ts';
import { type UpdateGraph, updateFrom } from '../updateGraph.ts';
import type { RowReading, RowTableUse } from './findTables.ts';

/** Name of the input that holds the rows which a batch reads of a table, and of their update. */
export const rowsOf = (table: string): string => `rows.${table}`;

/** Name of the input that holds, for each id of a batch, the place of its row among those rows. */
export const placesOf = (table: string, ids: string): string => `places.${table}.${ids}`;

/** The inputs that stand for a table: some of its rows, and places among them. */
interface Stand {
  readonly rows: Tensor;
  readonly places: readonly Tensor[];
}

function standFor({ name, shape, readings, slots }: RowTableUse): Stand {
  const places = new Map<string, Tensor>();
  const placesFor = ({ ids, rows }: RowReading) => {
    const known = places.get(ids) ?? input(placesOf(name, ids), 'int32', rows.shape.slice(0, -1));
    places.set(ids, known);
    return known;
  };
  return {
    rows: input(rowsOf(name), 'float32', [slots, shape[1]]),
    places: readings.map(placesFor),
  };
}

/**
 * One update as a graph in which the tables do not occur: their rows come in and go out, and the gradient of a row is
 * the sum over its readings.
 * @returns in `rows` the next values of the rows and of their moments, beside the other ones in `next`
 */
export function rowUpdateGraph(
  objective: Objective,
  optimizer: OptimizerConfig,
  tables: readonly RowTableUse[],
): UpdateGraph & { readonly rows: Readonly<Record<string, Tensor>> } {
  const stands = tables.map(standFor);
  const tableNames = new Set(tables.map(({ name }) => name));
  const others = [...trainable(objective)].filter(([name]) => !tableNames.has(name));
  const readings = tables.flatMap((table) => table.readings.map(({ rows }) => rows));
  const gradients = grad(objective.loss, [...others.map(([, { tensor }]) => tensor), ...readings]);
  const ofReadings = new Map(readings.map((rows, i) => [rows, gradients[others.length + i]!]));

  const parameters = new Map([...objective.parameters].filter(([name]) => !tableNames.has(name)));
  const rowGradients = tables.map(({ name, readings: of, slots }, t) => {
    const { rows, places } = stands[t]!;
    const shape = rows.shape as number[];
    parameters.set(rowsOf(name), { tensor: rows, shape, initializer: { kind: 'zeros' } });
    return of.map((reading, r) => scatterAdd(places[r]!, ofReadings.get(reading.rows)!, slots)).reduce(add);
  });
  const rowNames = new Set(tables.map(({ name }) => rowsOf(name)));
  const trained = {
    ...objective,
    parameters,
    frozen: (name: string) => !rowNames.has(name) && (objective.frozen?.(name) ?? false),
  };
  const update = updateFrom(trained, [...gradients.slice(0, others.length), ...rowGradients], optimizer);
  const reported = { loss: objective.loss, ...update.reported, ...objective.metrics };
  const replacements = new Map(
    tables.flatMap((table, t) =>
      table.readings.map(({ rows }, r) => [rows, gather(stands[t]!.rows, stands[t]!.places[r]!)] as const),
    ),
  );
  const outputs = [...Object.values(update.next), ...Object.values(reported)];
  // In one go: what is reported depends on the gradients, and rebuilt apart it would compute all of them once more.
  const replaced = replaceTensors(outputs, replacements);
  const rebuilt = new Map(outputs.map((tensor, i) => [tensor, replaced[i]!]));
  const named = (tensors: Readonly<Record<string, Tensor>>, wanted = (_name: string) => true) =>
    Object.fromEntries(
      Object.entries(tensors).flatMap(([name, tensor]) =>
        wanted(name) ? [[name, rebuilt.get(tensor)!] as const] : [],
      ),
    );
  const ofRows = new Set([...rowNames].flatMap((name) => [name, firstMoment(name), secondMoment(name)]));
  return {
    scalars: update.scalars,
    next: named(update.next, (name) => !ofRows.has(name)),
    rows: named(update.next, (name) => ofRows.has(name)),
    reported: named(reported),
  };
}
