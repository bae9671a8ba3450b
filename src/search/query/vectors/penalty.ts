import type { Spread } from './background.ts';

/** Deviations above the mean from which a picture counts as one that shows what is not looked for: 2 % of any are there. */
const SHOWS = 2;

/**
 * A picture's rank value under parts that are not looked for, in deviations above the collection's mean: that of the query,
 * less what each unwanted part has beyond {@link SHOWS}. Pictures that do not show it lose nothing: to subtract the unwanted
 * vector from the query instead ranks by how unlike it pictures are, whatever they show.
 *
 * Measured (see `combine`) on 150 queries "<keyword>, not <keyword>": average precision .169 so, with 4.0 % of the first ones
 * showing what was not wanted; by subtraction .169 with 4.6 % (a quarter of the vector) or .166 with 3.3 % (half of it); by
 * p·(1 − p_not) of the sigmoid .165 with 5.7 %, which is what the query has without `not`: the sigmoid's probabilities are
 * too low to exclude anything.
 * @param unwanted cosine of the picture with each part, and the spread of the part's cosines
 */
export function rankValue(
  score: number,
  { mean, deviation }: Spread,
  unwanted: readonly { readonly score: number; readonly spread: Spread }[],
): number {
  const wanted = (score - mean) / deviation;
  return unwanted.reduce(
    (value, { score: other, spread }) =>
      value - Math.max(0, (other - spread.mean) / spread.deviation - SHOWS),
    wanted,
  );
}
