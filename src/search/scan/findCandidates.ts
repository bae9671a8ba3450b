import { type Candidate, createCandidates } from './candidates.ts';
import { quantiseQuery } from './rows/quantise.ts';
import type { Rows } from './rows/rows.ts';
import { type KernelQuery, scoreSlots } from './scoreSlots.ts';

/** A query with what bounds its scores. */
interface Question extends KernelQuery {
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
  const bar = () => candidates.bar() - question.common;
  scoreSlots(rows, question, slots ?? { from: 0, to: rows.count }, bar, ({ id, score, radius }) => {
    if (without.has(id)) return;
    const error = radius * question.norm + question.common;
    candidates.add(id, score - error, score + error);
  });
  return candidates.finish();
}
