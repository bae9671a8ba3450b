import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { miniatureBatches } from '../../recipes/miniature/batches.ts';
import { timelineCuration } from '../../recipes/miniature/curation.ts';
import type { MiniatureData } from '../../recipes/miniature/data.ts';
import type { MiniatureSettings } from '../../recipes/miniature/settings.ts';
import { miniatureStages } from '../../recipes/miniature/stages.ts';
import { sigmoidTimeline, teacherTimeline } from '../../recipes/miniature/timeline.ts';
import { writeJson } from '../../src/checkpoint/files/atomic.ts';
import { readJson } from '../../src/checkpoint/files/json.ts';
import type { SessionOptions } from '../../src/tensor/index.ts';
import { saveTrainedModel } from '../../src/train/run/saveModel.ts';
import type { Timeline } from '../../src/train/timeline/timeline.ts';
import { runVariant, type VariantResult } from './runVariant.ts';
import { type TimelineName, timelinesOf } from './timelines.ts';
import { type LineOptions, trainLine } from './trainLine.ts';
import type { Variant } from './variants.ts';

export interface AblationOptions {
  readonly variants: readonly Variant[];
  readonly seeds: readonly number[];
  readonly settings: MiniatureSettings;
  readonly data: MiniatureData;
  /** Everything that is trained and measured, so that it is not done twice. */
  readonly folder: string;
  /** What trains: device and threads. */
  readonly session?: SessionOptions;
  readonly signal?: AbortSignal;
  readonly log?: (message: string) => void;
  /** Updates of every stage, for a trial. Default: the timeline's. */
  readonly steps?: number | undefined;
}

/** The teacher has one seed: it is a given for all learners, as a released model would be. */
const TEACHER_SEED = 0;

/** @throws Error when the folder has results of other settings or another device */
async function claimFolder({ folder, settings, data, steps, session }: AblationOptions): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'settings.json');
  const wanted = JSON.parse(
    JSON.stringify({
      ...{ settings, steps: steps ?? null, device: session?.device ?? 'cpu' },
      // What the timelines have in common and the settings don't hold.
      selfSupervision: sigmoidTimeline(settings, data.tokenizer.vocabSize).selfSupervision,
    }),
  );
  if (existsSync(file) && JSON.stringify(await readJson(file)) !== JSON.stringify(wanted))
    throw new Error(`${file} has other settings: choose another folder (--out), or remove this one`);
  await writeJson(file, wanted);
}

function stagesOf(timeline: Timeline, options: AblationOptions, seed: number) {
  const { data, session, steps } = options;
  const curation = timelineCuration(timeline, seed, session);
  const source = { batchAt: miniatureBatches(data, timeline, seed), selectFor: curation.selectFor };
  return {
    stages: miniatureStages(timeline, source, { seed, steps, start: data.start }),
    dispose: curation.dispose,
  };
}

const lineOptions = ({ session, signal, log }: AblationOptions, folder: string): LineOptions => ({
  folder,
  session,
  signal,
  log,
  known: new Map(),
});

/** The directory of the curation's teacher. */
export const teacherFolder = (folder: string): string => join(folder, 'teacher', 'model');

async function trainTeacher(options: AblationOptions): Promise<void> {
  const { data, settings, folder, log } = options;
  log?.('the teacher of the curation');
  const timeline = teacherTimeline(settings, data.tokenizer.vocabSize);
  const { stages } = stagesOf(timeline, options, TEACHER_SEED);
  const state = await trainLine(stages, 'teacher', lineOptions(options, join(folder, 'teacher')));
  const recipe = { ...stages[0].model!, stages, tokenizerJson: data.tokenizerJson };
  await saveTrainedModel(teacherFolder(folder), recipe, state);
}

async function runSeed(options: AblationOptions, seed: number): Promise<VariantResult[]> {
  const { settings, data, folder, variants } = options;
  const teacher = teacherFolder(folder);
  const timelines = timelinesOf(settings, { vocabSize: data.tokenizer.vocabSize, teacher });
  const made = new Map<TimelineName, ReturnType<typeof stagesOf>>();
  const madeOf = (name: TimelineName) => {
    const known = made.get(name) ?? stagesOf(timelines[name], options, seed);
    made.set(name, known);
    return known;
  };
  const line = lineOptions(options, join(folder, `seed-${seed}`));
  const results: VariantResult[] = [];
  try {
    for (const variant of variants) {
      const { stages } = madeOf(variant.timeline);
      const timeline = timelines[variant.timeline];
      const run = { variant, seed, timeline, stages, data, settings, options: line };
      results.push(await runVariant(run));
    }
    return results;
  } finally {
    await Promise.allSettled([...made.values()].map(({ dispose }) => dispose()));
  }
}

/**
 * Trains and measures what is missing, seed by seed; what variants have in common is trained once. Stopped and started
 * again, it goes on where it was.
 * @throws StoppedError when the signal stops it
 */
export async function runAblation(options: AblationOptions): Promise<VariantResult[]> {
  await claimFolder(options);
  if (options.variants.some(({ name }) => name === 'acid')) await trainTeacher(options);
  const results: VariantResult[] = [];
  for (const seed of options.seeds) results.push(...(await runSeed(options, seed)));
  return results;
}
