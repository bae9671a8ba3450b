import type { Bank } from './rows/bank.ts';
import { BLOCK, type Layout } from './rows/layout.ts';
import { idAt, type Rows } from './rows/rows.ts';

/** A query as the kernel takes it. */
export interface KernelQuery {
  /** [width] */
  readonly values: Int16Array | Int8Array;
  readonly scale: number;
  /** What a row's radius is multiplied by. */
  readonly norm: number;
}

/** Slots from the first up to the last, without it. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

/** A row that can reach the bar. */
export interface ScoredRow {
  readonly id: number;
  readonly slot: number;
  /** Inner product of the query's integers with the row's, by both scales. */
  readonly score: number;
  readonly radius: number;
}

/**
 * Scores rows, and visits those with score + radius · norm ≥ bar.
 * @param slots in ascending order
 * @param bar asked anew for every block of rows
 */
export function scoreSlots(
  { banks, layout }: Rows,
  query: KernelQuery,
  slots: Uint32Array | SlotRange,
  bar: () => number,
  visit: (row: ScoredRow) => void,
): void {
  const [first, count] = 'from' in slots ? [slots.from, slots.to - slots.from] : [0, slots.length];
  const slotAt = (i: number): number => ('from' in slots ? first + i : slots[i]!);
  let asked: Bank | undefined;
  for (let start = 0; start < count; ) {
    const index = Math.floor(slotAt(start) / layout.rowsPerBank);
    const bank = banks[index]!;
    if (bank !== asked) writeQuery(bank, layout, query);
    asked = bank;
    const base = index * layout.rowsPerBank;
    const length = listBlock(bank, layout, slotAt, start, count, base);
    scoreBlock(bank, layout, length, base, query, bar(), visit);
    start += length;
  }
}

function writeQuery(bank: Bank, { vectors }: Layout, { values }: KernelQuery): void {
  const room = new Int16Array(bank.buffer(), 0, vectors * 16);
  room.set(values);
  room.fill(0, values.length);
}

/** Lists the next slots, within their bank. @returns how many: all lie in that bank */
function listBlock(
  bank: Bank,
  { slotsAt, rowsPerBank }: Layout,
  slotAt: (i: number) => number,
  start: number,
  count: number,
  base: number,
): number {
  const block = new Uint32Array(bank.buffer(), slotsAt, Math.min(BLOCK, count - start));
  let length = 0;
  for (; length < block.length; length++) {
    const slot = slotAt(start + length) - base;
    if (slot >= rowsPerBank) break;
    block[length] = slot;
  }
  return length;
}

function scoreBlock(
  bank: Bank,
  { stride, vectors, slotsAt, outAt, rowsAt }: Layout,
  length: number,
  base: number,
  { scale, norm }: KernelQuery,
  bar: number,
  visit: (row: ScoredRow) => void,
): void {
  const end = bank.score(slotsAt, length, rowsAt, stride, vectors, 0, scale, norm, bar, outAt);
  if (end === outAt) return;
  const found = new Int32Array(bank.buffer(), outAt, (end - outAt) / 4);
  for (let i = 0; i < found.length; i += 2) {
    const slot = found[i]!;
    const at = rowsAt + slot * stride;
    const [rowScale, radius] = new Float32Array(bank.buffer(), at, 2);
    const score = found[i + 1]! * rowScale! * scale;
    visit({ id: idAt(bank, at), slot: base + slot, score, radius: radius! });
  }
}
