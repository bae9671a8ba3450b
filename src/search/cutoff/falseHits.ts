/**
 * Share of a normal distribution above z: within 1.2e-7 of its own size (Numerical Recipes, section 6.2, erfcc).
 */
function upperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const series = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
    -0.82215223, 0.17087277,
  ].reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  const tail = (t * Math.exp(series - x * x)) / 2;
  return z >= 0 ? tail : 1 - tail;
}

/**
 * How many of so many pictures that do not fit are expected to score as much: the best of many is high by chance alone.
 * @param z the score above its background, in spreads
 */
export const expectedFalseHits = (z: number, count: number): number => count * upperTail(z);
