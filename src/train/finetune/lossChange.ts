import { mean } from '../../evaluate/metrics/mean.ts';

/** How a run's loss went from its beginning to its end. */
export interface LossChange {
  /** Mean of the first tenth of the steps. */
  readonly first: number;
  /** Mean of the last tenth. */
  readonly last: number;
  /** Whether the fall is one: more than 1 % of the first, and more than batches differ from each other. */
  readonly fell: boolean;
  /** Whether it rose by as much. */
  readonly rose: boolean;
}

/** Fewer steps than this say nothing. */
const FEWEST_STEPS = 6;
const SMALLEST_FALL = 0.01;
/** Standard errors that a change must exceed, about 98 % of a normal distribution's lower part. */
const STANDARD_ERRORS = 2;

/** Sum of squares of the deviations from the mean. */
function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}

/**
 * Compares the first tenth of a run's losses (at least three steps) with the last.
 * @param losses one a step, in order
 * @returns undefined for runs of fewer than six steps
 */
export function lossChange(losses: readonly number[]): LossChange | undefined {
  if (losses.length < FEWEST_STEPS) return undefined;
  const size = Math.max(3, Math.floor(losses.length / 10));
  const [start, end] = [losses.slice(0, size), losses.slice(-size)];
  const [first, last] = [mean(start), mean(end)];
  // The difference of two means of `size` each has the variance 2σ²/size, σ² estimated from both.
  const variance = (deviation(start) + deviation(end)) / (2 * (size - 1));
  const standardError = Math.sqrt((2 * variance) / size);
  const least = Math.max(SMALLEST_FALL * first, STANDARD_ERRORS * standardError);
  return { first, last, fell: first - last > least, rose: last - first > least };
}
