import type { CurvePoint } from '../../../src/train/run/report/curve.ts';

/** One line of a chart. */
export interface ChartLine {
  /** In the legend. Lines of one name are one entry there: the stages of a run that is compared with others. */
  readonly name: string;
  /** Number of its colour, from 0. */
  readonly colour: number;
  readonly points: readonly CurvePoint[];
  /** Whether each point was measured by itself, and is to be seen. */
  readonly isDotted?: boolean;
}

/** What a chart shows. */
export interface ChartData {
  readonly lines: readonly ChartLine[];
  /** Updates at which stages begin. */
  readonly borders: readonly number[];
  /** A value to compare with, such as what chance gives. */
  readonly level?: { readonly name: string; readonly value: number };
  readonly isLogarithmic: boolean;
  /** Whether its lines are the stages of one run, of which one comes after another. */
  readonly isOneRun?: boolean;
}

/** Colours that there are; the seventh line has the first again. */
export const COLOURS = 6;

/** All updates at which a chart has a point, in order, each once. */
export const stepsOf = ({ lines }: Pick<ChartData, 'lines'>): number[] =>
  [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);

/** The point of a line at an update, or the nearest where it has none just there; none where the line is elsewhere. */
export function pointAt(points: readonly CurvePoint[], x: number): CurvePoint | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return undefined;
  // Between two points of its own, or beside an end by less than they are apart.
  const apart = points.length > 1 ? (last.x - first.x) / (points.length - 1) : 0;
  if (x < first.x - apart / 2 || x > last.x + apart / 2) return undefined;
  return points.reduce((best, point) => (Math.abs(point.x - x) < Math.abs(best.x - x) ? point : best));
}

/** A line that has a point at an update, with that point. */
export interface Reading {
  readonly line: ChartLine;
  readonly point: CurvePoint;
}

/** What a chart says at an update: for each name, the line that is there. */
export function readingsAt(lines: readonly ChartLine[], x: number): Reading[] {
  const found = new Map<string, Reading>();
  for (const line of lines) {
    const point = pointAt(line.points, x);
    const before = found.get(line.name);
    if (point && (!before || Math.abs(point.x - x) < Math.abs(before.point.x - x)))
      found.set(line.name, { line, point });
  }
  return [...found.values()];
}
