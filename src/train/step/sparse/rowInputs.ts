import { gather, input, type Tensor } from '../../../tensor/index.ts';
import type { Trained } from '../../losses/objective.ts';
import { firstMoment, secondMoment } from '../optimizer/moments.ts';
import type { RowReading, SparseTable } from './findTables.ts';

/** Name of the input that holds the rows which a batch reads of a table, and of their update. */
const rowsName = (table: string): string => `rows.${table}`;

/** Name of the input that holds, for each id of a batch, the place of its row among those rows. */
export const placesName = (table: string, ids: string): string => `places.${table}.${ids}`;

/** The inputs that stand for a table: some of its rows, and places among them. */
export interface RowInputs {
  readonly table: SparseTable;
  /** [slots, d] */
  readonly rows: Tensor;
  /** For each reading of the table, in its order. Readings of the same ids share one. */
  readonly places: readonly Tensor[];
}

export function rowInputs(table: SparseTable): RowInputs {
  const { name, shape, readings, slots } = table;
  const places = new Map<string, Tensor>();
  const placesFor = ({ ids, rows }: RowReading) => {
    const known = places.get(ids) ?? input(placesName(name, ids), 'int32', rows.shape.slice(0, -1));
    places.set(ids, known);
    return known;
  };
  return {
    table,
    rows: input(rowsName(name), 'float32', [slots, shape[1]]),
    places: readings.map(placesFor),
  };
}

/** For each reading of a table the same reading of its rows. */
export const readingsOfRows = (stands: readonly RowInputs[]): Map<Tensor, Tensor> =>
  new Map(
    stands.flatMap(({ table, rows, places }) =>
      table.readings.map((reading, i) => [reading.rows, gather(rows, places[i]!)] as const),
    ),
  );

/** What is trained where rows stand for tables. */
export function trainedRows({ parameters, frozen, carried }: Trained, stands: readonly RowInputs[]): Trained {
  const tables = new Set(stands.map(({ table }) => table.name));
  const others = [...parameters].filter(([name]) => !tables.has(name));
  const ofRows = stands.map(({ table, rows }) => {
    const shape = [table.slots, table.shape[1]];
    return [
      rowsName(table.name),
      { tensor: rows, shape, initializer: { kind: 'zeros' }, rowsOf: table.name },
    ] as const;
  });
  const rowNames = new Set(ofRows.map(([name]) => name));
  return {
    parameters: new Map([...others, ...ofRows]),
    frozen: (name) => !rowNames.has(name) && (frozen?.(name) ?? false),
    ...(carried && { carried }),
  };
}

/** Names of the three values of a table's rows: themselves and their moments. */
export function rowEntries(table: string): readonly [string, string, string] {
  const name = rowsName(table);
  return [name, firstMoment(name), secondMoment(name)];
}

/** The places among rows that a graph reads, by name. */
export const placesInputs = (stands: readonly RowInputs[]): Record<string, Tensor> =>
  Object.fromEntries(
    stands.flatMap(({ table, places }) =>
      table.readings.map(({ ids }, i) => [placesName(table.name, ids), places[i]!] as const),
    ),
  );

/** Splits the next values of an update into those of rows with their moments, and the others. */
export function splitNext(
  next: Readonly<Record<string, Tensor>>,
  tables: readonly SparseTable[],
): { readonly next: Record<string, Tensor>; readonly rows: Record<string, Tensor> } {
  const ofRows = new Set(tables.flatMap(({ name }) => rowEntries(name)));
  const part = (wanted: boolean) =>
    Object.fromEntries(Object.entries(next).filter(([name]) => ofRows.has(name) === wanted));
  return { next: part(false), rows: part(true) };
}
