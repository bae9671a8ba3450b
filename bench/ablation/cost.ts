import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { teacherTimeline } from '../../recipes/miniature/timeline.ts';
import { stageSchedules } from '../../src/train/timeline/stageSchedule.ts';
import type { StageSpec } from '../../src/train/timeline/timeline.ts';
import { type AblationOptions, runAblation } from './runAblation.ts';
import { timelinesOf } from './timelines.ts';
import { secondsPerStep } from './trainLine.ts';
import type { Variant } from './variants.ts';

/** Updates of a stage in a trial: few, but more than one of each NaFlex length. */
const TRIAL_STEPS = 12;

/** Updates of a stage, its share of the runs, and what an update takes. */
export interface StageTime {
  readonly stage: string;
  readonly steps: number;
  readonly secondsPerStep: number;
}

export interface VariantTime {
  readonly variant: string;
  /** Seconds of its own stages: those that an earlier row has trained are not counted again. */
  readonly training: number;
  /** Seconds of all measurements. */
  readonly measuring: number;
}

export interface AblationCost {
  readonly stages: readonly StageTime[];
  readonly teacher: number;
  /** Of one seed. */
  readonly variants: readonly VariantTime[];
  /** Seconds of the whole: teacher and all seeds. */
  readonly total: number;
}

/** A stage and those before it, the first one first. */
export function lineOf(stages: readonly StageSpec[], name: string): string[] {
  const spec = stages.find((one) => one.name === name);
  if (!spec) throw new RangeError(`there is no stage ${name}`);
  return spec.from === undefined ? [name] : [...lineOf(stages, spec.from), name];
}

const withTeacher = ({ settings, data }: AblationOptions) => {
  const { vocabSize } = data.tokenizer;
  return {
    ...timelinesOf(settings, { vocabSize, teacher: '' }),
    teacher: teacherTimeline(settings, vocabSize),
  };
};

/** Seconds between the log's messages `measuring …` and the next. */
function stopwatch() {
  const marks: { readonly message: string; readonly at: number }[] = [];
  return {
    log: (message: string) => {
      marks.push({ message, at: performance.now() });
    },
    /** Seconds from the message that holds `text` to the one after it. */
    after(text: string): number {
      const i = marks.findIndex(({ message }) => message.includes(text));
      const end = marks[i + 1]?.at ?? performance.now();
      return i < 0 ? 0 : (end - marks[i]!.at) / 1000;
    },
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Stages of each variant that no earlier variant has trained. */
function ownStages(variants: readonly Variant[], timelines: ReturnType<typeof withTeacher>) {
  const trained = new Set<string>();
  return variants.map((variant) => {
    const own = lineOf(timelines[variant.timeline].stages, variant.stage).filter(
      (name) => !trained.has(name),
    );
    for (const name of own) trained.add(name);
    return { variant, own };
  });
}

/**
 * What an ablation will take on this machine: {@link TRIAL_STEPS} updates of every stage that it needs are trained and
 * all measurements made once, in a folder that is removed; then rate × steps.
 */
export async function ablationCost(options: AblationOptions): Promise<AblationCost> {
  const folder = await mkdtemp(join(tmpdir(), 'ablation-cost-'));
  const { variants, seeds, log } = options;
  const watch = stopwatch();
  try {
    const both = (message: string) => {
      watch.log(message);
      log?.(message);
    };
    await runAblation({ ...options, seeds: [0], folder, steps: TRIAL_STEPS, log: both });
    both('done');
    const timelines = withTeacher(options);
    const steps = new Map(
      Object.values(timelines)
        .flatMap((timeline) => stageSchedules(timeline))
        .map(({ spec, part }) => [spec.name, part.steps]),
    );
    const rate = (stage: string) =>
      secondsPerStep(stage === 'teacher' ? join(folder, 'teacher') : join(folder, 'seed-0'), stage);
    const timed = async (stage: string): Promise<StageTime> => ({
      stage,
      steps: steps.get(stage)!,
      secondsPerStep: await rate(stage),
    });
    const own = ownStages(variants, timelines);
    const stages = await Promise.all(own.flatMap((one) => one.own).map(timed));
    const secondsOf = (names: readonly string[]) =>
      sum(stages.filter(({ stage }) => names.includes(stage)).map((one) => one.steps * one.secondsPerStep));
    const all = own.map(
      ({ variant, own: names }): VariantTime => ({
        variant: variant.name,
        training: secondsOf(names),
        measuring: watch.after(`measuring ${variant.name}`),
      }),
    );
    const curated = variants.some(({ name }) => name === 'acid');
    const teacher = curated ? (await rate('teacher')) * steps.get('teacher')! : 0;
    const perSeed = sum(all.map((one) => one.training + one.measuring));
    return { stages, teacher, variants: all, total: teacher + seeds.length * perSeed };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} min`;

/** The cost as text. */
export function describeCost({ stages, teacher, variants, total }: AblationCost, seeds: number): string {
  return [
    ...stages.map(
      ({ stage, steps, secondsPerStep: seconds }) =>
        `${stage}: ${steps} updates of ${(1000 * seconds).toFixed(0)} ms`,
    ),
    '',
    ...variants.map(
      ({ variant, training, measuring }) =>
        `${variant}: ${minutes(training + measuring)} a seed (training ${minutes(training)}, ` +
        `measuring ${minutes(measuring)})`,
    ),
    `teacher: ${minutes(teacher)} once`,
    `in all, ${seeds} seeds: ${minutes(total)}`,
  ].join('\n');
}
