import type { CurvePoint } from './curve.ts';

/** Where on a drawing a value is, along one direction. */
export type Place = (value: number) => number;

/** Even steps: `low` is at `from`, `high` at `to`. */
export const linear = ([low, high]: readonly [number, number], from: number, to: number): Place => {
  const factor = (to - from) / (high - low);
  return (value) => Number((from + (value - low) * factor).toFixed(1));
};

/** Equal ratios are equal steps; `low` is above 0. What is not above 0 is at `from`. */
export const logarithmic = ([low, high]: readonly [number, number], from: number, to: number): Place => {
  const place = linear([Math.log(low), Math.log(high)], from, to);
  return (value) => (value > 0 ? place(Math.log(value)) : from);
};

/** The means of a curve as the points of a polyline. */
export const line = (points: readonly CurvePoint[], x: Place, y: Place): string =>
  points.map((point) => `${x(point.x)},${y(point.mean)}`).join(' ');

/** The points of a polygon: out along the highest values and back along the lowest. */
export const band = (points: readonly CurvePoint[], x: Place, y: Place): string =>
  [
    ...points.map((point) => `${x(point.x)},${y(point.max)}`),
    ...points.toReversed().map((point) => `${x(point.x)},${y(point.min)}`),
  ].join(' ');
