import type { Bank } from './rows/bank.ts';
import { BLOCK, type Layout, READ_ONLY } from './rows/layout.ts';
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
  let asked: Bank | undefined;
  for (const { index, length, list, first, base } of blocksOf(layout, slots)) {
    const bank = banks[index]!;
    if (bank !== asked) writeQuery(bank, layout, query);
    asked = bank;
    if (list) new Uint32Array(bank.buffer(), layout.slotsAt, length).set(list);
    const block = {
      slotsAt: list ? layout.slotsAt : layout.orderAt,
      rowsAt: layout.rowsAt + first * layout.stride,
    };
    scoreBlock(bank, layout, { ...block, length, base }, query, bar(), visit);
  }
}

function writeQuery(bank: Bank, { vectors }: Layout, { values }: KernelQuery): void {
  const room = new Int16Array(bank.buffer(), 0, vectors * 16);
  room.set(values);
  room.fill(0, values.length);
}

/** Rows of one bank that are scored by one call. */
interface Block {
  readonly index: number;
  readonly length: number;
  /** Slots from `first` on; where there is none, all. */
  readonly list?: Uint32Array;
  readonly first: number;
  /** What is added to the kernel's slots. */
  readonly base: number;
}

/**
 * Where more than this share of the rows between the first and the last is listed, all between are read: one row among
 * others takes a fourth to a seventh of the time of one that is fetched alone.
 */
const DENSE = 1 / 5;

function blocksOf({ rowsPerBank }: Layout, slots: Uint32Array | SlotRange): Iterable<Block> {
  if ('from' in slots) return rangeBlocks(rowsPerBank, slots);
  if (slots.length === 0) return [];
  const range = { from: slots[0]!, to: slots.at(-1)! + 1 };
  if (slots.length === range.to - range.from) return rangeBlocks(rowsPerBank, range);
  const isDense = slots.length > (range.to - range.from) * DENSE;
  return isDense ? denseBlocks(rowsPerBank, slots, range) : sparseBlocks(rowsPerBank, slots);
}

function* rangeBlocks(rowsPerBank: number, { from, to }: SlotRange): Generator<Block> {
  for (let at = from; at < to; ) {
    const first = at % rowsPerBank;
    const length = Math.min(BLOCK, to - at, rowsPerBank - first);
    yield { index: Math.floor(at / rowsPerBank), length, first, base: at };
    at += length;
  }
}

function* denseBlocks(rowsPerBank: number, slots: Uint32Array, range: SlotRange): Generator<Block> {
  const all = denseLists.get(slots) ?? denseList(rowsPerBank, slots, range);
  denseLists.set(slots, all);
  for (const block of rangeBlocks(rowsPerBank, range)) {
    const at = block.base - range.from;
    yield { ...block, list: all.subarray(at, at + block.length) };
  }
}

/** By the slots, which whoever searches with one filter again gives again: to list them takes as long as to score them. */
const denseLists = new WeakMap<Uint32Array, Uint32Array>();

/** The lists of all blocks, one after the other. */
function denseList(rowsPerBank: number, slots: Uint32Array, range: SlotRange): Uint32Array {
  const all = new Uint32Array(range.to - range.from);
  for (const { base, length } of rangeBlocks(rowsPerBank, range))
    for (let i = 0; i < length; i++) all[base - range.from + i] = i | READ_ONLY;
  for (let i = 0; i < slots.length; i++) all[slots[i]! - range.from]! &= ~READ_ONLY;
  return all;
}

function* sparseBlocks(rowsPerBank: number, slots: Uint32Array): Generator<Block> {
  for (let at = 0; at < slots.length; ) {
    const index = Math.floor(slots[at]! / rowsPerBank);
    const base = index * rowsPerBank;
    const list = slots.slice(at, at + BLOCK).map((slot) => slot - base);
    const beyond = list.findIndex((slot) => slot >= rowsPerBank);
    const length = beyond < 0 ? list.length : beyond;
    yield { index, length, list: list.subarray(0, length), first: 0, base };
    at += length;
  }
}

function scoreBlock(
  bank: Bank,
  { stride, vectors, outAt }: Layout,
  { slotsAt, rowsAt, length, base }: { slotsAt: number; rowsAt: number; length: number; base: number },
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
