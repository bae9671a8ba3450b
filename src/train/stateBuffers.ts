import type { ParameterTable } from '../nn/parameters.ts';
import type { Tensor } from '../tensor/index.ts';
import { allocate, type Buffers, copyInto, stateArray } from './buffers.ts';
import { firstMoment, type OptimizerConfig, secondMoment } from './optimizer.ts';
import type { PastUpdate } from './rows/catchUp.ts';
import type { RowTableUse } from './rows/findTables.ts';
import { allRows, catchUp, createRowTable, type RowTable } from './rows/rowTable.ts';
import type { Sides } from './sides.ts';
import type { TrainState } from './state.ts';

/**
 * A state in memory: two sides that take turns, as the runtime must not write where it reads, what stays, and tables
 * that change row by row. Several training steps may share it.
 */
export interface StateBuffers {
  readonly sides: Sides;
  /** The side that holds the state. */
  current: 0 | 1;
  /** Frozen parameters, read where they are. */
  readonly frozen: Buffers;
  /** Tables by name; they are changed in place. */
  readonly tables: ReadonlyMap<string, RowTable>;
  /** The updates since the buffers were made, which rows that were not read have missed. */
  readonly past: PastUpdate[];
}

/** What a step does with each entry of a state. */
export interface StateUse {
  /** What it computes anew, but for tables. */
  readonly next: Readonly<Record<string, Tensor>>;
  /** What it only reads. */
  readonly frozen: ParameterTable;
  readonly tables: readonly RowTableUse[];
}

/** @param initial is copied, but for the frozen part. @throws Error when an entry is missing or has another shape */
export function stateBuffers({ next, frozen, tables }: StateUse, initial: TrainState): StateBuffers {
  const sides: Sides = [allocate(next), allocate(next)];
  copyInto(sides[0], initial);
  const fixed = [...frozen].map(([name, { shape }]) => [name, stateArray(initial, name, shape)] as const);
  return {
    sides,
    current: 0,
    frozen: Object.fromEntries(fixed),
    tables: new Map(tables.map(({ name, shape }) => [name, createRowTable(initial, name, shape)])),
    past: [],
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

/** The state. Brings every row of the tables up to date. */
export function currentState(buffers: StateBuffers, optimizer: OptimizerConfig): TrainState {
  const { sides, current, frozen, tables, past } = buffers;
  const state: TrainState = new Map(Object.entries({ ...frozen, ...sides[current] }));
  for (const [name, table] of tables) {
    catchUp(table, allRows(table), past, optimizer);
    state.set(name, table.value);
    state.set(firstMoment(name), table.first);
    state.set(secondMoment(name), table.second);
  }
  return state;
}
