import type { NdArray } from '../../../tensor/index.ts';
import { firstMoment, secondMoment } from '../optimizer/moments.ts';
import type { TrainState } from '../state/state.ts';
import { stateArray } from '../state/state.ts';
import { copied, type TakeArray } from '../state/takeArrays.ts';
import { applyMissed, type Betas, type Missed, missedUpdates, type PastUpdate } from './catchUp.ts';

/**
 * A table, its moments, and how many of the past updates each row has seen. A row is brought up to date when it is next
 * read, so a step touches the rows of its batch only.
 */
export interface RowTable {
  readonly value: NdArray<'float32'>;
  readonly first: NdArray<'float32'>;
  readonly second: NdArray<'float32'>;
  readonly seen: Uint32Array;
  /** Rows whose moments are not zero: only these miss anything. */
  readonly moving: Uint8Array;
}

/** The rows of a table in one batch, in the order of their places. */
export interface ChosenRows {
  readonly rows: Int32Array;
  readonly count: number;
}

/** @throws Error when the state has no such table or moments, or they have another shape */
export function createRowTable(
  state: TrainState,
  name: string,
  shape: readonly [number, number],
  take: TakeArray = copied,
): RowTable {
  const [value, first, second] = [name, firstMoment(name), secondMoment(name)].map((entry) =>
    take(stateArray(state, entry, shape)),
  ) as [NdArray<'float32'>, NdArray<'float32'>, NdArray<'float32'>];
  const [rows, width] = shape;
  const moving = Uint8Array.from({ length: rows }, (_, row) => {
    for (let i = row * width; i < (row + 1) * width; i++)
      if (first.data[i] !== 0 || second.data[i] !== 0) return 1;
    return 0;
  });
  return { value, first, second, seen: new Uint32Array(rows), moving };
}

/** Finds each id's row a place: equal ids share one. */
export function createPlaces(name: string, rows: number, slots: number) {
  const place = new Int32Array(rows).fill(-1);
  const chosen = new Int32Array(slots);
  return {
    /**
     * Numbers the rows of a batch.
     * @param readings the ids, and where their places go
     * @throws RangeError naming an id that is no row
     */
    assign(readings: readonly (readonly [ids: Int32Array, places: Int32Array])[]): ChosenRows {
      let count = 0;
      try {
        for (const [ids, places] of readings) {
          for (let i = 0; i < ids.length; i++) {
            const id = ids[i]!;
            if (id < 0 || id >= rows)
              throw new RangeError(`id ${id} is no row of ${name}, which has ${rows}`);
            if (place[id] === -1) {
              chosen[count] = id;
              place[id] = count++;
            }
            places[i] = place[id]!;
          }
        }
      } finally {
        for (let i = 0; i < count; i++) place[chosen[i]!] = -1;
      }
      return { rows: chosen, count };
    },
  };
}

/** How many sums over missed updates are kept for other rows: a whole table may need one for every step of a run. */
const KNOWN = 1024;

/** Brings rows up to date with all past updates. */
export function catchUp(
  { value, first, second, seen, moving }: RowTable,
  rows: Iterable<number>,
  past: readonly PastUpdate[],
  betas: Betas,
): void {
  const width = value.shape[1]!;
  const arrays = [value.data, first.data, second.data] as const;
  const known = new Map<number, Missed>();
  for (const row of rows) {
    const from = seen[row]!;
    if (moving[row] === 1 && from < past.length) {
      if (known.size >= KNOWN) known.clear();
      const missed = known.get(from) ?? missedUpdates(past, from, betas);
      known.set(from, missed);
      applyMissed(missed, arrays, row * width, (row + 1) * width);
    }
    seen[row] = past.length;
  }
}

/** All rows of a table. */
export function* allRows({ seen }: RowTable): Iterable<number> {
  for (let row = 0; row < seen.length; row++) yield row;
}

/** Copies rows between a table and buffers of its chosen rows. */
export function readRows(
  from: NdArray<'float32'>,
  to: NdArray<'float32'>,
  { rows, count }: ChosenRows,
): void {
  const width = from.shape[1]!;
  for (let i = 0; i < count; i++) {
    const start = rows[i]! * width;
    to.data.set(from.data.subarray(start, start + width), i * width);
  }
}

export function writeRows(
  from: NdArray<'float32'>,
  to: NdArray<'float32'>,
  { rows, count }: ChosenRows,
): void {
  const width = to.shape[1]!;
  for (let i = 0; i < count; i++)
    to.data.set(from.data.subarray(i * width, (i + 1) * width), rows[i]! * width);
}
