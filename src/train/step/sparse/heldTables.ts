import { firstMoment, secondMoment } from '../optimizer/moments.ts';
import { rowAdam } from '../optimizer/optimizer.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';
import type { TrainState } from '../state/state.ts';
import { assertSameEntries, isShared, type SharedState } from '../state/stateBuffers.ts';
import { taking } from '../state/takeArrays.ts';
import { behindEntries, caughtUp, isAboutMissed, pastUpdates, readRowTable, tableEntries } from './behind.ts';
import type { PastUpdate } from './catchUp.ts';
import type { SparseTable } from './findTables.ts';
import { allRows, catchUp, type RowTable } from './rowTable.ts';

/** The tables of a state that change row by row, in memory. Several training steps may share them. */
export interface HeldTables {
  /** By name; they are changed in place. */
  readonly tables: ReadonlyMap<string, RowTable>;
  /** The updates that rows which were not read since have missed. */
  readonly past: PastUpdate[];
}

/** What a step with tables shares. */
export interface SharedTables extends SharedState, HeldTables {}

export const hasTables = (shared: SharedState): shared is SharedTables =>
  'tables' in shared && 'past' in shared;

/**
 * Takes tables out of what a step starts from.
 * @param owned whether a state's arrays become the tables'
 * @returns the tables, and the rest: a state without them, or what the wrapped step shares
 * @throws Error when a table is missing or has another shape, or steps that share a state differ in their tables
 */
export function holdTables(
  wanted: readonly SparseTable[],
  start: TrainState | SharedState,
  owned = false,
): { readonly held: HeldTables; readonly rest: TrainState | SharedState } {
  if (!isShared(start)) return readTables(wanted, start, owned);
  const held = hasTables(start) ? start : { tables: new Map<string, RowTable>(), past: [] };
  assertSameEntries(
    wanted.map((table) => [table.name, table] as const),
    [...held.tables].map(([name, { value }]) => [name, value] as const),
  );
  return { held, rest: { dense: start.dense } };
}

function readTables(
  wanted: readonly SparseTable[],
  start: TrainState,
  owned: boolean,
): { readonly held: HeldTables; readonly rest: TrainState } {
  const names = new Set(wanted.map(({ name }) => name));
  // A table that this step reads as a whole may have been saved by one that updated it by rows.
  const state = caughtUp(start, names);
  const past = pastUpdates(state);
  const rest: TrainState = new Map(state);
  for (const entry of state.keys()) if (isAboutMissed(entry)) rest.delete(entry);
  const entries = wanted.flatMap(({ name }) => [name, firstMoment(name), secondMoment(name)]);
  for (const entry of entries) rest.delete(entry);
  const take = taking(owned, rest.values());
  const tables = wanted.map(
    ({ name, shape }) => [name, readRowTable(state, name, shape, past, take)] as const,
  );
  return { held: { tables: new Map(tables), past }, rest };
}

/** Their part of a state to continue from: rows that are behind stay so, and what they miss is there. */
export function resumableTables({ tables, past }: HeldTables, optimizer: AnyOptimizer): TrainState {
  const entries = [...tables].flatMap(([name, table]) => [...tableEntries(name, table)]);
  return new Map([...entries, ...behindEntries(tables, past, rowAdam(optimizer))]);
}

/** Brings every row of the tables up to date. */
export function bringUpToDate({ tables, past }: HeldTables, optimizer: AnyOptimizer): void {
  for (const table of tables.values()) catchUp(table, allRows(table), past, rowAdam(optimizer));
  // No row needs them any more.
  past.length = 0;
  for (const { seen } of tables.values()) seen.fill(0);
}
