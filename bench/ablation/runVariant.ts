import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { MiniatureData } from '../../recipes/miniature/data.ts';
import type { MiniatureSettings } from '../../recipes/miniature/settings.ts';
import { ownDecoder } from '../../recipes/miniature/stages.ts';
import { writeJson } from '../../src/checkpoint/files/atomic.ts';
import { readJson } from '../../src/checkpoint/files/json.ts';
import type { ModelFiles } from '../../src/checkpoint/huggingFace/directory.ts';
import { saveTrainedModel, type TrainedModel } from '../../src/train/run/saveModel.ts';
import type { Stage } from '../../src/train/run/stage.ts';
import type { TrainState } from '../../src/train/step/state/state.ts';
import type { Timeline } from '../../src/train/timeline/timeline.ts';
import { type Measures, measureDecoder, measureModel } from './measure.ts';
import { type LineOptions, secondsPerStep, trainLine } from './trainLine.ts';
import type { Variant } from './variants.ts';

const resultSchema = z.object({
  variant: z.string(),
  seed: z.number(),
  measures: z.record(z.string(), z.number()),
});

/** One variant of one seed, measured. */
export type VariantResult = z.infer<typeof resultSchema>;

export interface VariantRun {
  readonly variant: Variant;
  readonly seed: number;
  readonly timeline: Timeline;
  /** The timeline's. */
  readonly stages: readonly [Stage, ...Stage[]];
  readonly data: MiniatureData;
  readonly settings: MiniatureSettings;
  readonly options: LineOptions;
}

const fileOf = ({ options, variant }: VariantRun): string =>
  join(options.folder, 'results', `${variant.name}.json`);

/** What a finished run has measured. @throws Error naming the file when it is damaged */
async function readResult(run: VariantRun): Promise<VariantResult | undefined> {
  const file = fileOf(run);
  if (!existsSync(file)) return undefined;
  const parsed = resultSchema.safeParse(await readJson(file));
  if (!parsed.success) throw new Error(`${file} is no result; remove it and start again`);
  return parsed.data;
}

async function save(
  { variant, data, options }: VariantRun,
  files: ModelFiles & Pick<TrainedModel, 'decoder'>,
  state: TrainState,
): Promise<string> {
  const directory = join(options.folder, 'models', variant.name);
  await mkdir(join(options.folder, 'models'), { recursive: true });
  await saveTrainedModel(directory, { ...files, tokenizerJson: data.tokenizerJson }, state);
  return directory;
}

/** Trains what is missing of a variant, saves its model and measures it; a finished one is read back. */
export async function runVariant(run: VariantRun): Promise<VariantResult> {
  const { variant, stages, timeline, data, settings, options, seed } = run;
  const found = await readResult(run);
  if (found) return found;
  options.log?.(`seed ${seed}: ${variant.name}`);
  const threads = options.session?.threads;
  const state = await trainLine(stages, variant.stage, options);
  const files = stages.find(({ name }) => name === variant.stage)!.model!;
  const decoder = variant.ownDecoder ? ownDecoder(timeline, files) : undefined;
  const directory = await save(run, { ...files, ...(decoder && { decoder }) }, state);
  options.log?.(`  measuring ${variant.name}`);
  const measures: Measures = {
    ...(await measureModel(directory, data, settings, threads)),
    ...(decoder && (await measureDecoder(directory, data, settings, threads))),
    samplesPerSecond: settings.batch / (await secondsPerStep(options.folder, variant.stage)),
  };
  const result: VariantResult = { variant: variant.name, seed, measures };
  await mkdir(join(options.folder, 'results'), { recursive: true });
  await writeJson(fileOf(run), result);
  return result;
}
