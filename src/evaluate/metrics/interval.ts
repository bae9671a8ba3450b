/** The two-sided 95 % point of the normal distribution. */
const Z = 1.959964;

/**
 * 95 % confidence interval of a share (Wilson's score interval): of an accuracy or a recall, as if the things asked were
 * drawn independently.
 * @param share 0 … 1
 * @param count things asked, at least 1
 * @example shareInterval(0.5, 100) // [0.404, 0.596]
 */
export function shareInterval(share: number, count: number): readonly [low: number, high: number] {
  const weight = Z ** 2 / count;
  const centre = (share + weight / 2) / (1 + weight);
  const reach = (Z / (1 + weight)) * Math.sqrt((share * (1 - share)) / count + weight / (4 * count));
  return [Math.max(0, centre - reach), Math.min(1, centre + reach)];
}
