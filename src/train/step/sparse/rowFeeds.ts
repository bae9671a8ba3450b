import { type Arrays, type NdArray, zeros } from '../../../tensor/index.ts';
import { firstMoment, secondMoment } from '../optimizer/moments.ts';
import { rowAdam } from '../optimizer/optimizer.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';
import { type Buffers, prefixed } from '../state/buffers.ts';
import type { StateBuffers } from '../state/stateBuffers.ts';
import type { SparseTable } from './findTables.ts';
import { placesName, rowsName } from './rowInputs.ts';
import { type ChosenRows, catchUp, createPlaces, type RowTable, readRows, writeRows } from './rowTable.ts';

/** Takes the rows of a batch out of a table for a step, and puts them back. */
export interface RowFeeds {
  /** What the graph reads: the rows and their moments, and for each of the batch's ids the place of its row. */
  readonly rows: Buffers;
  readonly places: Arrays;
  /** What the graph writes, by the names of its `next` values. */
  readonly next: Buffers;
  /** @throws RangeError naming an id that is no row */
  take(batch: Arrays): void;
  /** Call it when the update is among the past ones. */
  put(): void;
}

/** Names of the three arrays of a table's rows, in the order of {@link arraysOf}. */
const namesOf = (table: string): string[] => {
  const rows = rowsName(table);
  return [rows, firstMoment(rows), secondMoment(rows)];
};
const arraysOf = ({ value, first, second }: RowTable) => [value, first, second] as const;

/** @param inputs the batch's inputs as they are compiled, for the shapes of the ids */
export function createRowFeeds(
  { name, shape: [rows, width], readings, slots }: SparseTable,
  inputs: Readonly<Record<string, NdArray>>,
  { tables, past }: StateBuffers,
  optimizer: AnyOptimizer,
): RowFeeds {
  const table = tables.get(name)!;
  const buffers = (): Buffers =>
    Object.fromEntries(namesOf(name).map((entry) => [entry, zeros('float32', [slots, width])]));
  const before = buffers();
  const next = buffers();
  const ids = [...new Set(readings.map((reading) => reading.ids))];
  const places = Object.fromEntries(ids.map((entry) => [entry, zeros('int32', inputs[entry]!.shape)]));
  const finder = createPlaces(name, rows, Math.min(rows, slots));
  let chosen: ChosenRows = { rows: new Int32Array(0), count: 0 };
  const entries = namesOf(name).map((entry, i) => [entry, arraysOf(table)[i]!] as const);
  return {
    rows: before,
    places: prefixed(placesName(name, ''), places),
    next,
    take(batch) {
      chosen = finder.assign(
        ids.map((entry) => [batch[entry]!.data as Int32Array, places[entry]!.data] as const),
      );
      catchUp(table, chosen.rows.subarray(0, chosen.count), past, rowAdam(optimizer));
      for (const [entry, whole] of entries) readRows(whole, before[entry]!, chosen);
    },
    put() {
      for (const [entry, whole] of entries) writeRows(next[entry]!, whole, chosen);
      for (let i = 0; i < chosen.count; i++) {
        table.seen[chosen.rows[i]!] = past.length;
        table.moving[chosen.rows[i]!] = 1;
      }
    },
  };
}

const merged = <T>(records: readonly Readonly<Record<string, T>>[]): Record<string, T> =>
  Object.fromEntries(records.flatMap((record) => Object.entries(record)));

/** What a graph reads and writes for several tables. */
export const feedsOf = (feeds: readonly RowFeeds[]): Pick<RowFeeds, 'rows' | 'places' | 'next'> => ({
  rows: merged(feeds.map(({ rows }) => rows)),
  places: merged(feeds.map(({ places }) => places)),
  next: merged(feeds.map(({ next }) => next)),
});
