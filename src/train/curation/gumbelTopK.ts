import type { Random } from '../../tensor/random.ts';

/** A draw of the standard Gumbel distribution, −log(−log u). */
const gumbel = (random: Random): number => -Math.log(-Math.log(Math.max(random.next(), Number.MIN_VALUE)));

/**
 * Samples `count` items without replacement with p ∝ exp(logits), renormalised after each draw: the largest of
 * logits + Gumbel noise (Kool et al., "Stochastic Beams and Where to Find Them", ICML 2019). Every item gets a draw,
 * taken or not, so that the random numbers do not depend on the values.
 * @param taken non-zero where an item cannot be drawn
 * @returns indices in the order of drawing
 * @throws RangeError when fewer items are left than asked for; Error when a logit is no number.
 */
export function gumbelTopK(
  logits: ArrayLike<number>,
  taken: ArrayLike<number>,
  count: number,
  random: Random,
): Int32Array {
  const keys = Float64Array.from(logits, (logit) => logit + gumbel(random));
  const free: number[] = [];
  for (let i = 0; i < keys.length; i++) {
    if (taken[i]) continue;
    if (Number.isNaN(keys[i]!)) throw new Error(`the score of pair ${i} is not a number`);
    free.push(i);
  }
  if (count > free.length) throw new RangeError(`cannot draw ${count} of ${free.length} items`);
  free.sort((a, b) => keys[b]! - keys[a]! || a - b);
  return Int32Array.from(free.slice(0, count));
}
