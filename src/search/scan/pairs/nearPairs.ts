import { setImmediate } from 'node:timers/promises';
import type { Fetch } from '../rescore.ts';
import type { Rows } from '../rows/rows.ts';
import type { Scan } from '../scan.ts';
import { type ScoredRow, type SlotRange, scoreSlots } from '../scoreSlots.ts';
import { narrowRows } from './narrowRows.ts';
import { createPairScores, type NearPair } from './pairScores.ts';

export interface NearPairsOptions {
  /** Least inner product of a pair: the cosine, for vectors of unit length. */
  readonly threshold: number;
  /** Gives the float16 vectors of some rows. */
  readonly fetch: Fetch;
  /** Told now and then how many of all pairs have been looked at. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Rows that queries are compared with together, so that they stay in the processor's caches. */
const TILE = 2048;
/** Milliseconds after which others get their turn. */
const TURN = 50;

/**
 * All pairs of rows whose inner product reaches a threshold, exactly, in no order; they come in parts. Every row is
 * compared with every later one, so that twice the rows take four times as long; most pairs are ruled out by 64 of a
 * row's values.
 * @throws the signal's reason when it is aborted; Error when rows are changed meanwhile
 */
export async function* nearPairs(
  { rows }: Scan,
  { threshold, fetch, onProgress, signal }: NearPairsOptions,
): AsyncGenerator<NearPair[]> {
  const { changes, count } = rows;
  const narrow = narrowRows(rows);
  const scores = createPairScores(threshold, fetch);
  const total = (count * (count - 1)) / 2;
  let done = 0;
  let turn = performance.now();
  for (let from = 0; from < count; from += TILE) {
    const to = Math.min(from + TILE, count);
    for (let slot = 0; slot < to - 1; slot++) {
      const later = { from: Math.max(from, slot + 1), to };
      const reaching = narrow ? slotsThatReach(narrow, slot, later, threshold) : later;
      if (reaching)
        for (const [id, other] of pairsThatReach(rows, slot, reaching, threshold)) scores.add(id, other);
      done += to - later.from;
      if (scores.isFull()) yield await scores.take();
      // Asking for the time takes time.
      if (slot % 16 !== 0 || performance.now() - turn < TURN) continue;
      onProgress?.(done, total);
      await setImmediate();
      turn = performance.now();
      signal?.throwIfAborted();
      if (rows.changes !== changes) throw new Error('rows were changed while pairs were looked for');
    }
  }
  const last = await scores.take();
  if (last.length > 0) yield last;
  onProgress?.(total, total);
}

/**
 * For rows v = s·r + e and w = t·q + d, ‖e‖ and ‖d‖ being at most their radii: v·w ≤ s·t·(r·q) + (both radii) · reach.
 */
function visitReaching(
  rows: Rows,
  slot: number,
  others: Uint32Array | SlotRange,
  threshold: number,
  visit: (row: ScoredRow) => void,
): void {
  const { scale, radius, values } = rows.rowAt(slot);
  const norm = rows.reach;
  const bar = threshold - radius * norm - 1e-9 * norm ** 2;
  scoreSlots(rows, { values, scale, norm }, others, () => bar, visit);
}

/** Undefined where there is none, as for nearly all. */
function slotsThatReach(
  narrow: Rows,
  slot: number,
  others: SlotRange,
  threshold: number,
): Uint32Array | undefined {
  let slots: number[] | undefined;
  visitReaching(narrow, slot, others, threshold, (row) => {
    slots ??= [];
    slots.push(row.slot);
  });
  return slots && Uint32Array.from(slots);
}

/** Ids of pairs. */
function pairsThatReach(
  rows: Rows,
  slot: number,
  others: Uint32Array | SlotRange,
  threshold: number,
): [number, number][] {
  const { id } = rows.rowAt(slot);
  const pairs: [number, number][] = [];
  visitReaching(rows, slot, others, threshold, (row) => pairs.push([id, row.id]));
  return pairs;
}
