import { inOrder } from '../../src/train/run/report/labels.ts';
import type { ChartData, ChartLine } from './chart/chartData.ts';
import { smooth } from './chart/smooth.ts';
import type { Run, RunEvaluation } from './runs.ts';

/** How curves are drawn. */
export interface Drawing {
  readonly isLogarithmic: boolean;
  /** 0 … below 1. */
  readonly smoothing: number;
}

/** Quantities that any of the runs has, in the order in which one looks at them. */
export const metricsOf = (runs: readonly Run[]): string[] =>
  inOrder([
    ...new Set(
      runs.flatMap(({ stages }) => stages.flatMap(({ curves }) => curves.map(({ metric }) => metric))),
    ),
  ]);

/** Updates at which the stages of a run begin. */
function bordersOf({ stages }: Run): number[] {
  const begins = stages.flatMap(({ curves }) => {
    const firsts = curves.flatMap(({ points }) => (points[0] ? [points[0].x] : []));
    return firsts.length > 0 ? [Math.min(...firsts)] : [];
  });
  return [...new Set(begins)].sort((a, b) => a - b).slice(1);
}

/** One run's stages are told apart by colour; of several runs, the runs are. */
export function chartOf(metric: string, runs: readonly Run[], drawing: Drawing): ChartData {
  const isAlone = runs.length === 1;
  const lines = runs.flatMap((run, runIndex) =>
    run.stages.flatMap(({ name, curves }, stageIndex): ChartLine[] => {
      const points = curves.find((curve) => curve.metric === metric)?.points ?? [];
      if (points.length === 0) return [];
      return [
        {
          name: isAlone ? name : run.name,
          colour: isAlone ? stageIndex : runIndex,
          points: smooth(points, drawing.smoothing),
        },
      ];
    }),
  );
  return {
    lines,
    borders: isAlone ? bordersOf(runs[0]!) : [],
    isLogarithmic: drawing.isLogarithmic,
    isOneRun: isAlone,
  };
}

/** One thing that evaluators measure. */
export interface Measured {
  /** The evaluator. */
  readonly name: string;
  readonly metric: string;
}

/** All that evaluators measured in the runs. */
export function measuredIn(runs: readonly Run[]): Measured[] {
  const found = new Map<string, Measured>();
  for (const { name, metric } of runs.flatMap(({ evaluations }) => evaluations))
    found.set(JSON.stringify([name, metric]), { name, metric });
  return [...found.values()];
}

/** The values of a run's evaluator, in their order. */
export const valuesOf = ({ evaluations }: Run, { name, metric }: Measured): RunEvaluation[] =>
  evaluations
    .filter((value) => value.name === name && value.metric === metric)
    .sort((a, b) => a.step - b.step);

/** A chart of what an evaluator measured: a point each, its interval as the range, and what chance gives. */
export function evaluationChartOf(measured: Measured, runs: readonly Run[], drawing: Drawing): ChartData {
  const isAlone = runs.length === 1;
  const lines = runs.flatMap((run, runIndex) => {
    const values = valuesOf(run, measured);
    const groups = isAlone ? [...new Set(values.map(({ stage }) => stage))] : [undefined];
    return groups.flatMap((group): ChartLine[] => {
      const points = values
        .filter(({ stage }) => group === undefined || stage === group)
        .map(({ step, value, interval }) => {
          const [min, max] = interval ?? [value, value];
          return { x: step, mean: value, min, max };
        });
      if (points.length === 0) return [];
      const stageIndex = run.stages.findIndex(({ name }) => name === group);
      return [
        {
          name: group ?? run.name,
          colour: isAlone ? Math.max(0, stageIndex) : runIndex,
          points,
          isDotted: true,
        },
      ];
    });
  });
  const chance = runs
    .flatMap((run) => valuesOf(run, measured))
    .find((value) => value.chance !== undefined)?.chance;
  return {
    lines,
    borders: [],
    isLogarithmic: drawing.isLogarithmic,
    isOneRun: isAlone,
    ...(chance !== undefined && { level: { name: 'chance', value: chance } }),
  };
}
