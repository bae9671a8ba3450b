import type { EngineName } from './engines/engines.ts';

/** How an engine's result is held to ours. */
export interface Comparison {
  /** How far a result of the same length is from ours; 0 when they are equal. */
  distance(result: readonly number[], ours: readonly number[]): number;
  /** Up to this distance they count as equal. */
  readonly tolerance: number;
  /** What a distance means, as the end of a sentence. */
  describe(distance: number): string;
}

/** max|a − b| / max|b|; infinite when something is no number. */
function relativeDistance(result: readonly number[], ours: readonly number[]): number {
  let [apart, largest] = [0, 0];
  for (const [i, value] of ours.entries()) {
    apart = Math.max(apart, Math.abs(value - result[i]!));
    largest = Math.max(largest, Math.abs(value));
  }
  if (Number.isNaN(apart)) return Number.POSITIVE_INFINITY;
  return largest === 0 ? apart : apart / largest;
}

/** Numbers that engines compute in different orders. */
export const numbers = (tolerance: number): Comparison => ({
  distance: relativeDistance,
  tolerance,
  describe: (distance) => `differs from ours by ${distance.toPrecision(2)} of the largest value`,
});

/** Token ids: every single one, for a wrong id is no less wrong when its number is near. */
export const ids: Comparison = {
  distance: (result, ours) => ours.filter((id, i) => id !== result[i]).length / ours.length,
  tolerance: 0,
  describe: (distance) => `has other ids than ours in ${(100 * distance).toPrecision(2)} % of places`,
};

/** Results of a row's engines beside ours. */
export interface Compared {
  readonly differences: ReadonlyMap<EngineName, number>;
  /** What to print of engines that differ and need not be equal. */
  readonly notes: readonly string[];
}

/**
 * Compares whole results with ours.
 * @param equal engines that must agree.
 * @throws Error when one of those does not.
 */
export function compareResults(
  row: string,
  results: ReadonlyMap<EngineName, readonly number[]>,
  comparison: Comparison,
  equal: readonly EngineName[] = [],
): Compared {
  const ours = results.get('ours')!;
  const differences = new Map<EngineName, number>();
  const notes: string[] = [];
  for (const [name, result] of results) {
    const difference =
      result.length === ours.length ? comparison.distance(result, ours) : Number.POSITIVE_INFINITY;
    differences.set(name, difference);
    if (difference <= comparison.tolerance) continue;
    const fault =
      result.length === ours.length
        ? comparison.describe(difference)
        : `gives ${result.length} numbers, we ${ours.length}`;
    if (equal.includes(name))
      throw new Error(`${row}: ${name} computes something else than we do: it ${fault}`);
    notes.push(`${name} ${fault}`);
  }
  return { differences, notes };
}
