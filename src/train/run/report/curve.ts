import type { StageHistory } from './history.ts';

/** Neighbouring values of a curve, drawn as one point. */
export interface CurvePoint {
  /** Updates done, the middle of the neighbours. */
  readonly x: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/** One quantity through one stage. */
export interface Curve {
  /** The stage. */
  readonly name: string;
  readonly points: readonly CurvePoint[];
}

/** Wider than a chart has pixels would only blur it. */
const MAX_POINTS = 300;

function mergePoints(values: readonly (readonly [x: number, y: number])[]): CurvePoint {
  const ys = values.map(([, y]) => y);
  return {
    x: (values[0]![0] + values.at(-1)![0]) / 2,
    mean: ys.reduce((sum, y) => sum + y, 0) / ys.length,
    min: ys.reduce((a, b) => Math.min(a, b)),
    max: ys.reduce((a, b) => Math.max(a, b)),
  };
}

/** A logged quantity through a stage, at most {@link MAX_POINTS} points; what is no finite number is left out. */
export function curveOf({ name, start, entries }: StageHistory, key: string): Curve {
  const values = entries.flatMap((entry): [number, number][] => {
    const value = entry[key];
    return typeof value === 'number' && Number.isFinite(value) ? [[start + entry.step, value]] : [];
  });
  const size = Math.ceil(values.length / MAX_POINTS);
  const points = Array.from({ length: Math.ceil(values.length / Math.max(size, 1)) }, (_, i) =>
    mergePoints(values.slice(i * size, (i + 1) * size)),
  );
  return { name, points };
}

/** Names of all numbers in the logs but the step and the time, in order of appearance. */
export function quantities(history: readonly StageHistory[]): string[] {
  const keys = new Set<string>();
  for (const { entries } of history) {
    for (const entry of entries) {
      for (const [key, value] of Object.entries(entry))
        if (typeof value === 'number' && key !== 'step' && key !== 'time') keys.add(key);
    }
  }
  return [...keys];
}
