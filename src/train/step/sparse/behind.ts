import { float32 } from '../../../tensor/index.ts';
import { firstMoment, secondMoment } from '../optimizer/moments.ts';
import type { TrainState } from '../state/state.ts';
import { PAST_UPDATES, stateArray } from '../state/state.ts';
import { copied, type TakeArray } from '../state/takeArrays.ts';
import { type Betas, decayRates, type PastUpdate } from './catchUp.ts';
import { allRows, catchUp, createRowTable, type RowTable } from './rowTable.ts';

/** Start of the names under which a state says how many of the last updates each row of a table has missed, [rows]. */
export const BEHIND = 'rows_behind.';
/** Beside {@link PAST_UPDATES}, β1 and β2, [2], so that such a state is complete. */
export const BETAS = 'past_betas';

/** Whether an entry of a state says which updates rows have missed. */
export const isAboutMissed = (entry: string): boolean =>
  entry === PAST_UPDATES || entry === BETAS || entry.startsWith(BEHIND);

const isBehind = ({ seen, moving }: RowTable, row: number, updates: number): boolean =>
  moving[row] === 1 && seen[row]! < updates;

/**
 * What a state must hold beside tables whose rows have missed updates, so that another run makes them up as this one
 * would: in one go, when a row is read. Empty where no row is behind. float32 holds all of it exactly.
 */
export function behindEntries(
  tables: ReadonlyMap<string, RowTable>,
  past: readonly PastUpdate[],
  betas: Betas,
): TrainState {
  const entries: TrainState = new Map();
  let most = 0;
  for (const [name, table] of tables) {
    const counts = float32([table.seen.length], new Float32Array(table.seen.length));
    for (const row of allRows(table)) {
      if (!isBehind(table, row, past.length)) continue;
      counts.data[row] = past.length - table.seen[row]!;
      most = Math.max(most, counts.data[row]!);
    }
    entries.set(`${BEHIND}${name}`, counts);
  }
  if (most === 0) return new Map();
  const missed = past.slice(past.length - most);
  const scalars = missed.flatMap(({ rate, epsilon }) => [rate, epsilon]);
  return entries.set(PAST_UPDATES, float32([most, 2], scalars)).set(BETAS, float32([2], decayRates(betas)));
}

/** The updates that rows of a state have missed. Empty where none is behind, as in every state that is no interim one. */
export function pastUpdates(state: TrainState): PastUpdate[] {
  const [count = 0] = state.get(PAST_UPDATES)?.shape ?? [];
  if (count === 0) return [];
  const { data } = stateArray(state, PAST_UPDATES, [count, 2]);
  return Array.from({ length: count }, (_, i) => ({ rate: data[2 * i]!, epsilon: data[2 * i + 1]! }));
}

/**
 * A table of a state, with its rows as far behind as they are there.
 * @param take gives arrays that the table may change. Default: copies.
 * @throws Error when the state has no such table or moments, or they have another shape; or naming a row that has missed
 * more updates than there were
 */
export function readRowTable(
  state: TrainState,
  name: string,
  shape: readonly [number, number],
  past: readonly PastUpdate[],
  take: TakeArray = copied,
): RowTable {
  const table = createRowTable(state, name, shape, take);
  const entry = `${BEHIND}${name}`;
  const counts = state.has(entry) ? stateArray(state, entry, [shape[0]]).data : undefined;
  for (const row of allRows(table)) {
    const count = counts?.[row] ?? 0;
    if (!(Number.isInteger(count) && count >= 0 && count <= past.length)) {
      throw new Error(
        `${entry} of the training state says that row ${row} has missed ${count} updates of ${past.length}`,
      );
    }
    table.seen[row] = past.length - count;
  }
  return table;
}

/** The entries of a table and its moments. */
export const tableEntries = (name: string, { value, first, second }: RowTable): TrainState =>
  new Map([
    [name, value],
    [firstMoment(name), first],
    [secondMoment(name), second],
  ]);

/**
 * A state with the rows of all tables up to date, but for the tables in `except`.
 * @returns the same state where no row is behind; otherwise another, which shares what does not change
 */
export function caughtUp(state: TrainState, except: ReadonlySet<string> = new Set()): TrainState {
  if (!state.has(PAST_UPDATES)) return state;
  const past = pastUpdates(state);
  const [beta1, beta2] = [...stateArray(state, BETAS, [2]).data];
  const result: TrainState = new Map(state);
  for (const entry of state.keys()) {
    const name = entry.slice(BEHIND.length);
    if (!entry.startsWith(BEHIND) || except.has(name)) continue;
    const [rows = 0, width = 0] = state.get(name)?.shape ?? [];
    const table = readRowTable(state, name, [rows, width], past);
    catchUp(table, allRows(table), past, { beta1: beta1!, beta2: beta2! });
    for (const [part, array] of tableEntries(name, table)) result.set(part, array);
    result.delete(entry);
  }
  const left = [...result.keys()].some((entry) => entry.startsWith(BEHIND));
  if (!left) for (const entry of [PAST_UPDATES, BETAS]) result.delete(entry);
  return result;
}
