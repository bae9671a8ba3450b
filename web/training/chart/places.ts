import { extent, ratioTicks, ticks } from '../../../src/train/run/report/axis.ts';
import { linear, logarithmic, type Place } from '../../../src/train/run/report/place.ts';
import type { ChartData } from './chartData.ts';

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Where a chart's values are on its drawing. */
export interface Places {
  readonly x: Place;
  readonly y: Place;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Round numbers for the axes. */
  readonly columns: readonly number[];
  readonly rows: readonly number[];
}

const MARGIN = { left: 52, right: 14, top: 10, bottom: 24 };
/** Pixels that a number on an axis needs. */
const COLUMN = 90;
const ROW = 46;

/** What lies within both ends of some values on an axis of ratios: those above 0 alone have a place on it. */
function ratioExtent(values: readonly number[]): readonly [number, number] {
  const [low, high] = extent(values.filter((value) => value > 0));
  return low > 0 ? [low, high] : [0.1, 1];
}

/** Places of a chart's values on a drawing of a size in pixels. */
export function placesOf({ lines, level, isLogarithmic }: ChartData, { width, height }: ChartSize): Places {
  const points = lines.flatMap((line) => line.points);
  const values = [
    ...points.flatMap(({ min, max, mean }) => [min, max, mean]),
    ...(level ? [level.value] : []),
  ];
  const xs = extent(points.map(({ x }) => x));
  const ys = isLogarithmic ? ratioExtent(values) : extent(values);
  const [left, top] = [MARGIN.left, MARGIN.top];
  const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom];
  return {
    x: linear(xs, left, right),
    y: (isLogarithmic ? logarithmic : linear)(ys, bottom, top),
    left,
    right,
    top,
    bottom,
    columns: ticks(...xs, (right - left) / COLUMN),
    rows: (isLogarithmic ? ratioTicks : ticks)(...ys, height / ROW),
  };
}
