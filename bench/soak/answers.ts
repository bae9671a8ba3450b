import { z } from 'zod';
import type { Known } from './pool.ts';

/** Float32 in another order of sums, by the size of the batch. */
const TOLERANCE = 1e-5;

export const differs = (a: number | undefined, b: number | undefined, tolerance = TOLERANCE): boolean =>
  !(Math.abs((a ?? Number.NaN) - (b ?? Number.NaN)) <= tolerance);

/** What is wrong with rows that should be these. */
export function rowsFlaw(
  found: readonly ArrayLike<number>[],
  expected: readonly Known<unknown>[],
): string | undefined {
  if (found.length !== expected.length) return `${found.length} rows instead of ${expected.length}`;
  for (const [row, { vector }] of expected.entries()) {
    const given = found[row]!;
    if (given.length !== vector.length || vector.some((value, i) => differs(given[i], value)))
      return `row ${row} is another vector`;
  }
  return undefined;
}

export const scoresSchema = z.array(z.object({ label: z.string(), probability: z.number() }));

/** What is wrong with labels that should have these probabilities. */
export function scoresFlaw(
  scores: z.output<typeof scoresSchema>,
  expected: ReadonlyMap<string, number>,
): string | undefined {
  if (scores.length !== expected.size) return `${scores.length} labels instead of ${expected.size}`;
  const wrong = scores.find(({ label, probability }) => differs(expected.get(label), probability));
  return wrong && `${wrong.label} has ${wrong.probability} instead of ${expected.get(wrong.label)}`;
}

export const json = (body: unknown) => (): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
