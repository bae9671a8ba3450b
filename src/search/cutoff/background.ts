/** How the scores of things that do not belong together are spread. */
export interface Background {
  readonly centre: number;
  readonly spread: number;
}

const ascending = (values: ArrayLike<number>): Float64Array => new Float64Array(values).sort();

/** Quantile of ascending values, between two of them in proportion; NaN of none. */
function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const below = sorted[low] ?? Number.NaN;
  const above = sorted[Math.min(low + 1, sorted.length - 1)] ?? below;
  return below + (above - below) * (place - low);
}

export const median = (values: ArrayLike<number>): number => quantile(ascending(values), 0.5);

/** Share of a normal distribution below its mean less one standard deviation. */
const ONE_BELOW = 0.158655;

/**
 * The background of scores of which some may be right answers: those lie above, so that the centre is the median and the
 * spread is taken from the lower half alone.
 */
export function lowerBackground(values: ArrayLike<number>): Background {
  const sorted = ascending(values);
  const centre = quantile(sorted, 0.5);
  return { centre, spread: centre - quantile(sorted, ONE_BELOW) };
}

/** The median, and the standard deviation that the median distance from it has in a normal distribution. */
export function medianBackground(values: ArrayLike<number>): Background {
  const centre = median(values);
  return { centre, spread: 1.4826 * median(Array.from(values, (value) => Math.abs(value - centre))) };
}

/** So many values of its own weigh as much as what is expected without any. */
const EXPECTED_WEIGHS = 8;

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/**
 * The background of few values is no estimate: it is drawn towards what is expected. The spread stays between half and
 * twice the expected, since near copies have none and a mixture of two kinds has too much.
 * @param count of the values; 0 gives what is expected
 */
export function drawnTowards(own: Background, count: number, expected: Background): Background {
  if (count === 0) return expected;
  const weight = count / (count + EXPECTED_WEIGHS);
  const mix = (a: number, b: number) => weight * a + (1 - weight) * b;
  return {
    centre: mix(own.centre, expected.centre),
    spread: clamp(
      Math.sqrt(mix(own.spread ** 2, expected.spread ** 2)),
      expected.spread / 2,
      expected.spread * 2,
    ),
  };
}
