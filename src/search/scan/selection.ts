import type { Rows } from './rows/rows.ts';

/** Ids that a search is limited to, with the slots of their rows. */
export interface Selection {
  readonly ids: readonly number[];
  /** Slots of their rows in a scan, each once, in their order. Those that have no row are left out. */
  slots(rows: Rows): Uint32Array;
}

/** Finds the slots when they are first asked for, and again when rows have changed. */
export function createSelection(ids: Iterable<number>): Selection {
  const own = [...ids];
  let found: { rows: Rows; changes: number; slots: Uint32Array } | undefined;
  return {
    ids: own,
    slots(rows) {
      if (found?.rows !== rows || found.changes !== rows.changes)
        found = { rows, changes: rows.changes, slots: slotsOf(rows, own) };
      return found.slots;
    },
  };
}

/** In order, so that memory is read forwards: through a bitmap, which also takes each only once. */
function slotsOf(rows: Rows, ids: readonly number[]): Uint32Array {
  const bits = new Uint32Array(Math.ceil(rows.count / 32));
  let count = 0;
  for (const id of ids) {
    const slot = rows.slotOf(id);
    if (slot === undefined) continue;
    const [word, bit] = [slot >>> 5, 1 << (slot & 31)];
    if (bits[word]! & bit) continue;
    bits[word]! |= bit;
    count++;
  }
  const slots = new Uint32Array(count);
  let at = 0;
  for (let word = 0; word < bits.length; word++)
    for (let rest = bits[word]!; rest !== 0; rest &= rest - 1)
      slots[at++] = word * 32 + 31 - Math.clz32(rest & -rest);
  return slots;
}
