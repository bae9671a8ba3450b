import type { CurvePoint } from '../../../src/train/run/report/curve.ts';

/**
 * A curve whose means are running means: each is `weight` of the one before and the rest of its own, without the pull to 0
 * at the beginning. The range from lowest to highest stays as it was.
 * @param weight 0 (as it is) … below 1
 */
export function smooth(points: readonly CurvePoint[], weight: number): readonly CurvePoint[] {
  if (weight === 0) return points;
  let sum = 0;
  let weights = 0;
  return points.map((point) => {
    sum = weight * sum + (1 - weight) * point.mean;
    weights = weight * weights + (1 - weight);
    return { ...point, mean: sum / weights };
  });
}
