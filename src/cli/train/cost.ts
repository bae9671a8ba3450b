import type { StageCost } from '../../train/cost/cost.ts';
import { matmulRate } from '../../train/cost/matmulRate.ts';
import { stageCosts } from '../../train/cost/stageCost.ts';
import { timelineCosts } from '../../train/cost/timelineCost.ts';
import type { Recipe } from '../../train/recipe/recipe.ts';
import { type CliIo, note, print, printJson } from '../support/io.ts';
import { formatBytes } from '../support/progress.ts';

export interface CostSettings {
  readonly seed: number;
  readonly steps?: number | undefined;
  readonly threads?: number | undefined;
  readonly json: boolean;
}

const ASSUMPTION =
  'the matrix products alone, at the rate measured on this machine’s CPU now for 1024 × 1024 with float32; ' +
  'reading data, norms, the optimizer and saving are not counted, and memory is taken to be enough';

const MEMORY =
  'memory is the most that the process takes: state (parameters, moments and a second set of what changes), activations, ' +
  'gradients and the batch, what goes through a stage untrained, and the process itself.';

const UNITS = [
  [365.25 * 86_400, 'years'],
  [86_400, 'days'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** `7200` → `2.0 h`. */
export function formatTime(seconds: number): string {
  const [size, unit] = UNITS.find(([length]) => seconds >= length) ?? UNITS.at(-1)!;
  const count = seconds / size;
  return `${count >= 100 ? Math.round(count).toLocaleString('en') : count.toPrecision(2)} ${unit}`;
}

const whole = (value: number | undefined): string => value?.toLocaleString('en') ?? '?';
const many = (value: number | undefined): string => {
  if (value === undefined) return '?';
  if (value < 1e6) return value.toLocaleString('en');
  return value >= 1e9 ? `${(value / 1e9).toPrecision(3)} B` : `${(value / 1e6).toPrecision(3)} M`;
};
const rate = (value: number): string => (value === 0 ? '0' : value.toExponential(1));

/** Columns as wide as their longest cell; the first two to the left. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

const HEAD = [
  'stage',
  'from',
  'images',
  'steps',
  'examples',
  'learning rate',
  'FLOPs',
  'memory',
  'state',
  'activations',
  'time',
];

const bytes = (count: number | undefined): string => (count === undefined ? '?' : formatBytes(count));

/** Updates, with the batches that they are parts of where some are split. */
const stepsAndBatches = ({ steps, batches = steps }: StageCost): string =>
  batches === steps ? whole(steps) : `${whole(steps)} (${whole(batches)} batches)`;

/** What a stage trains with and on; empty where nothing is known. */
function aboutStage({ losses, scored, choosing, notice = '' }: StageCost): string {
  const chosen = {
    counted: `chosen from ${many(scored)} scored examples (counted in FLOPs and time, not in memory)`,
    'not counted': 'choosing the examples is not counted',
  };
  const parts = [losses.join(' + '), choosing ? chosen[choosing] : '', notice];
  return parts.filter((part) => part !== '').join('; ');
}

function row(stage: StageCost, flopsPerSecond: number): string[] {
  const { name, from = '', images, examples, learningRate, flops, memory } = stage;
  return [
    name,
    from,
    images,
    stepsAndBatches(stage),
    many(examples),
    learningRate ? `${rate(learningRate.first)} → ${rate(learningRate.last)}` : '?',
    flops?.toExponential(2) ?? '?',
    bytes(memory?.total),
    bytes(memory?.state),
    bytes(memory?.activations),
    flops === undefined ? '?' : formatTime(flops / flopsPerSecond),
  ];
}

async function stagesOf(recipe: Recipe, { seed, steps }: CostSettings, io: CliIo): Promise<StageCost[]> {
  if (recipe.timeline) return timelineCosts(recipe.timeline, seed, steps);
  const log = (message: string) => note(io, message);
  return stageCosts((await recipe.prepare({ seed, ...(steps !== undefined && { steps }), log })).stages);
}

/** Shows what a recipe will take, without training anything. */
export async function printCost(recipe: Recipe, settings: CostSettings, io: CliIo): Promise<void> {
  const stages = await stagesOf(recipe, settings, io);
  const { threads } = settings;
  const flopsPerSecond = await matmulRate(threads === undefined ? {} : { threads });
  const flops = stages.reduce((sum, stage) => sum + (stage.flops ?? 0), 0);
  const seconds = flops / flopsPerSecond;
  if (settings.json) {
    const timed = stages.map((stage) => ({
      ...stage,
      ...(stage.flops !== undefined && { seconds: stage.flops / flopsPerSecond }),
    }));
    printJson(io, {
      recipe: recipe.name,
      stages: timed,
      flops,
      seconds,
      flopsPerSecond,
      assumption: ASSUMPTION,
    });
    return;
  }
  print(io, `${recipe.name}: ${recipe.description}`);
  print(io, '');
  for (const line of table([HEAD, ...stages.map((stage) => row(stage, flopsPerSecond))])) print(io, line);
  print(io, '');
  for (const stage of stages) {
    const about = aboutStage(stage);
    if (about !== '') print(io, `${stage.name}: ${about}`);
  }
  print(io, '');
  print(
    io,
    `all: ${flops.toExponential(2)} FLOPs, ${formatTime(seconds)} at ${(flopsPerSecond / 1e9).toFixed(0)} GFLOP/s`,
  );
  print(io, MEMORY);
  print(io, `time is that of ${ASSUMPTION}.`);
}
