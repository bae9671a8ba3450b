import { type Candidate, type Candidates, createCandidates } from './candidates.ts';
import type { Bank } from './rows/bank.ts';
import { BLOCK, type Layout } from './rows/layout.ts';
import { type QuantisedQuery, quantiseQuery } from './rows/quantise.ts';
import { idAt, type Rows } from './rows/rows.ts';

/** A query with what bounds its scores. */
interface Question extends QuantisedQuery {
  /** What a score can be off by besides a row's own part, radius · norm. */
  readonly common: number;
}

/**
 * For a query x, a row v = s·r + e (8-bit integers r, and ‖e‖ ≤ radius) and x = t·q + d (16-bit integers q):
 * x·v = s·t·(q·r) + s·(d·r) + x·e, so that |x·v − s·t·(q·r)| ≤ radius·‖x‖ + ‖d‖·‖s·r‖. The last part is small, and bounded
 * for all rows at once; so is what doubles lose when a score is summed.
 */
function questionOf(query: Float32Array, { reach, layout }: Rows): Question {
  const quantised = quantiseQuery(query);
  const rounding = (layout.width + 16) * 2 ** -51 * quantised.norm * reach;
  return { ...quantised, common: quantised.rest * reach * (1 + 1e-9) + rounding };
}

/**
 * The rows that can be among the `limit` best, best upper bound first. None that belongs there is missing.
 * @param slots rows to look at, in ascending order; default all
 * @param without ids that do not count
 */
export function findCandidates(
  rows: Rows,
  query: Float32Array,
  limit: number,
  slots: Uint32Array | undefined,
  without: ReadonlySet<number>,
): Candidate[] {
  const question = questionOf(query, rows);
  const candidates = createCandidates(limit);
  for (const bank of rows.banks)
    new Int16Array(bank.buffer(), 0, rows.layout.vectors * 16).fill(0).set(question.values);
  const count = slots?.length ?? rows.count;
  for (let start = 0; start < count; ) {
    const [bank, block] = nextBlock(rows.layout, slots, start, count);
    scoreBlock(rows.banks[bank]!, rows.layout, block, question, candidates, without);
    start += block.length;
  }
  return candidates.finish();
}

/** The slots of the next call, within their bank; all lie in one. */
function nextBlock(
  { rowsPerBank }: Layout,
  slots: Uint32Array | undefined,
  start: number,
  count: number,
): [bank: number, block: Uint32Array] {
  const slotAt = (i: number): number => (slots ? slots[i]! : i);
  const bank = Math.floor(slotAt(start) / rowsPerBank);
  const [first, end] = [bank * rowsPerBank, (bank + 1) * rowsPerBank];
  const block = new Uint32Array(Math.min(BLOCK, count - start));
  let length = 0;
  for (; length < block.length && slotAt(start + length) < end; length++)
    block[length] = slotAt(start + length) - first;
  return [bank, block.subarray(0, length)];
}

function scoreBlock(
  bank: Bank,
  { stride, vectors, slotsAt, outAt, rowsAt }: Layout,
  block: Uint32Array,
  { scale, norm, common }: Question,
  candidates: Candidates,
  without: ReadonlySet<number>,
): void {
  const buffer = bank.buffer();
  new Uint32Array(buffer, slotsAt, BLOCK).set(block);
  const bar = candidates.bar() - common;
  const end = bank.score(slotsAt, block.length, rowsAt, stride, vectors, 0, scale, norm, bar, outAt);
  const found = new Int32Array(buffer, outAt, (end - outAt) / 4);
  for (let i = 0; i < found.length; i += 2) {
    const at = rowsAt + found[i]! * stride;
    const id = idAt(bank, at);
    if (without.has(id)) continue;
    const [rowScale, radius] = new Float32Array(buffer, at, 2);
    const score = found[i + 1]! * rowScale! * scale;
    const error = radius! * norm + common;
    candidates.add(id, score - error, score + error);
  }
}
