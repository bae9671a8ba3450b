import type { ParameterTable } from '../../../nn/parameters.ts';
import type { NdArray, Tensor } from '../../../tensor/index.ts';
import { rowAdam } from '../optimizer/optimizer.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';
import { behindEntries, caughtUp, pastUpdates, readRowTable, tableEntries } from '../sparse/behind.ts';
import type { PastUpdate } from '../sparse/catchUp.ts';
import type { SparseTable } from '../sparse/findTables.ts';
import { allRows, catchUp, type RowTable } from '../sparse/rowTable.ts';
import { allocate, type Buffers } from './buffers.ts';
import type { DoubleBuffer } from './doubleBuffer.ts';
import type { TrainState } from './state.ts';
import { stateArray } from './state.ts';

/**
 * A state in memory: two sides that take turns, as the runtime must not write where it reads, what stays, and tables
 * that change row by row. Several training steps may share it.
 */
export interface StateBuffers {
  readonly sides: DoubleBuffer;
  /** The side that holds the state. */
  current: 0 | 1;
  /** Frozen parameters, read where they are. */
  readonly frozen: Buffers;
  /** Tables by name; they are changed in place. */
  readonly tables: ReadonlyMap<string, RowTable>;
  /** The updates that rows which were not read since have missed. */
  readonly past: PastUpdate[];
}

/** What a step does with each entry of a state. */
export interface StateUse {
  /** What it computes anew, but for tables. */
  readonly next: Readonly<Record<string, Tensor>>;
  /** What it only reads. */
  readonly frozen: ParameterTable;
  readonly tables: readonly SparseTable[];
}

/**
 * Gives arrays that may be changed: themselves where `owned`, else copies. An array that was handed out before, or is a
 * part of a larger one, is copied in any case.
 */
function taking(owned: boolean, kept: readonly NdArray[]) {
  const taken = new Set(kept.map(({ data }) => data.buffer));
  return (array: NdArray<'float32'>): NdArray<'float32'> => {
    const { buffer, byteLength } = array.data;
    const mine = owned && !taken.has(buffer) && buffer.byteLength === byteLength;
    taken.add(buffer);
    return mine ? array : { ...array, data: array.data.slice() };
  };
}

/**
 * @param state its rows may be behind (see {@link resumableState})
 * @param owned whether its arrays become the buffers, so that no second copy is ever in memory. Else they are copied,
 * but for the frozen part, which is only read.
 * @throws Error when an entry is missing or has another shape
 */
export function stateBuffers(
  { next, frozen, tables }: StateUse,
  state: TrainState,
  owned = false,
): StateBuffers {
  // A table that this step reads as a whole may have been saved by one that updated it by rows.
  const initial = caughtUp(state, new Set(tables.map(({ name }) => name)));
  const past = pastUpdates(initial);
  const fixed = [...frozen].map(([name, { shape }]) => [name, stateArray(initial, name, shape)] as const);
  const take = taking(
    owned,
    fixed.map(([, array]) => array),
  );
  const first = Object.entries(next).map(
    ([name, { shape }]) => [name, take(stateArray(initial, name, shape as number[]))] as const,
  );
  const rowTables = tables.map(
    ({ name, shape }) => [name, readRowTable(initial, name, shape, past, take)] as const,
  );
  return {
    sides: [Object.fromEntries(first), allocate(next)],
    current: 0,
    frozen: Object.fromEntries(fixed),
    tables: new Map(rowTables),
    past,
  };
}

/** @throws Error naming an entry that a step with another use of the state could not share */
export function assertShareable(buffers: StateBuffers, use: StateUse): void {
  const shapes = (entries: Iterable<readonly [string, { readonly shape: readonly unknown[] }]>) =>
    [...entries].map(([name, { shape }]) => [name, shape.join()] as const);
  const { sides, frozen, tables } = buffers;
  const held = [...tables].map(([name, { value }]) => [name, value] as const);
  const known = new Map(shapes([...Object.entries({ ...sides[0], ...frozen }), ...held]));
  const wanted = new Map(
    shapes([
      ...Object.entries(use.next),
      ...use.frozen,
      ...use.tables.map((table) => [table.name, table] as const),
    ]),
  );
  for (const name of new Set([...wanted.keys(), ...known.keys()])) {
    if (wanted.get(name) !== known.get(name))
      throw new Error(`objectives that share a state differ in ${name}: they must have the same parameters`);
  }
}

/** What a run that stops here continues from, to the bit: rows that are behind stay so, and what they miss is there. */
export function resumableState(
  { sides, current, frozen, tables, past }: StateBuffers,
  optimizer: AnyOptimizer,
): TrainState {
  const state: TrainState = new Map(Object.entries({ ...frozen, ...sides[current] }));
  for (const [name, table] of tables)
    for (const [entry, array] of tableEntries(name, table)) state.set(entry, array);
  const behind = tables.size > 0 ? behindEntries(tables, past, rowAdam(optimizer)) : [];
  return new Map([...state, ...behind]);
}

/** The state. Brings every row of the tables up to date. */
export function currentState(buffers: StateBuffers, optimizer: AnyOptimizer): TrainState {
  const { tables, past } = buffers;
  for (const table of tables.values()) catchUp(table, allRows(table), past, rowAdam(optimizer));
  // No row needs them any more.
  past.length = 0;
  for (const { seen } of tables.values()) seen.fill(0);
  return resumableState(buffers, optimizer);
}
