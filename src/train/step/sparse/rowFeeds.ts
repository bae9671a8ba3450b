import { type Arrays, type NdArray, zeros } from '../../../tensor/index.ts';
import { rowAdam } from '../optimizer/optimizer.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';
import { type Buffers, prefixed } from '../state/buffers.ts';
import type { OwnArrays } from '../trainStep.ts';
import type { SparseTable } from './findTables.ts';
import type { HeldTables } from './heldTables.ts';
import { placesName, rowEntries } from './rowInputs.ts';
import { type ChosenRows, catchUp, createPlaces, type RowTable, readRows, writeRows } from './rowTable.ts';

/** Takes the rows of a batch out of a table for a step, and puts them back. */
export interface RowFeeds {
  /** The rows and their moments, before and after the update. */
  readonly own: OwnArrays;
  /** For each of the batch's ids the place of its row. */
  readonly places: Arrays;
  /** @throws RangeError naming an id that is no row */
  take(ids: Arrays): void;
  /** Call it when the update is among the past ones. */
  put(): void;
}

/** In the order of {@link rowEntries}. */
const arraysOf = ({ value, first, second }: RowTable) => [value, first, second] as const;

/** @param ids the batch's ids, for their shapes */
export function createRowFeeds(
  { name, shape: [rows, width], readings, slots }: SparseTable,
  ids: Readonly<Record<string, NdArray>>,
  { tables, past }: HeldTables,
  optimizer: AnyOptimizer,
): RowFeeds {
  const table = tables.get(name)!;
  const buffers = (): Buffers =>
    Object.fromEntries(rowEntries(name).map((entry) => [entry, zeros('float32', [slots, width])]));
  const own = { feeds: buffers(), next: buffers() };
  const read = [...new Set(readings.map((reading) => reading.ids))];
  const places = Object.fromEntries(read.map((entry) => [entry, zeros('int32', ids[entry]!.shape)]));
  const finder = createPlaces(name, rows, Math.min(rows, slots));
  let chosen: ChosenRows = { rows: new Int32Array(0), count: 0 };
  const entries = rowEntries(name).map((entry, i) => [entry, arraysOf(table)[i]!] as const);
  return {
    own,
    places: prefixed(placesName(name, ''), places),
    take(batch) {
      chosen = finder.assign(
        read.map((entry) => [batch[entry]!.data as Int32Array, places[entry]!.data] as const),
      );
      catchUp(table, chosen.rows.subarray(0, chosen.count), past, rowAdam(optimizer));
      for (const [entry, whole] of entries) readRows(whole, own.feeds[entry]!, chosen);
    },
    put() {
      for (const [entry, whole] of entries) writeRows(own.next[entry]!, whole, chosen);
      for (let i = 0; i < chosen.count; i++) {
        table.seen[chosen.rows[i]!] = past.length;
        table.moving[chosen.rows[i]!] = 1;
      }
    },
  };
}
