import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeJson } from '../../src/checkpoint/atomic.ts';
import { readJson } from '../../src/checkpoint/json.ts';
import { loccaDecoderConfig } from '../../src/model/loccaConfig.ts';
import { LOCCA_DECODER } from '../../src/model/loccaDecoder.ts';
import type { ModelFiles, PreparedRecipe, Stage } from '../../src/train/recipe.ts';
import { saveTrainedModel } from '../../src/train/saveModel.ts';
import type { TrainState } from '../../src/train/step.ts';
import type { Timeline } from '../../src/train/timeline/timeline.ts';
import type { MiniatureData } from './data.ts';
import { type Measures, measureModel, measureOwnDecoder } from './measure.ts';
import { referringDecoder, referringStage } from './referring.ts';
import type { MiniatureSettings } from './settings.ts';
import { type LineOptions, secondsPerStep, trainLine } from './trainLine.ts';
import type { Variant } from './variants.ts';
import { MINIATURE_FORMAT } from './vocabulary.ts';

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
  readonly options: LineOptions & { readonly threads?: number | undefined };
  /** Updates of the referring decoder, for a trial. Default: the settings'. */
  readonly referringSteps?: number | undefined;
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

/** Trains the decoder that referring expressions are measured with, and puts it beside the encoder. */
async function withReferringDecoder(run: VariantRun, files: ModelFiles, state: TrainState): Promise<string> {
  const { variant, data, settings, seed, options } = run;
  const stage = referringStage(files, data, settings, seed, run.referringSteps);
  const encoder = [...state].filter(([name]) => !name.includes(LOCCA_DECODER));
  const start: Stage = { ...stage, enter: () => new Map(encoder) };
  const folder = join(options.folder, 'referring', variant.name);
  const trained = await trainLine([start], start.name, { ...options, folder, known: new Map() });
  const decoder = { config: referringDecoder(files.config, settings), format: MINIATURE_FORMAT };
  return save(run, `${variant.name}-referring`, { ...files, decoder }, new Map([...state, ...trained]));
}

async function save(
  { data, stages, options }: VariantRun,
  name: string,
  files: ModelFiles & Pick<PreparedRecipe, 'decoder'>,
  state: TrainState,
): Promise<string> {
  const directory = join(options.folder, 'models', name);
  await mkdir(join(options.folder, 'models'), { recursive: true });
  await saveTrainedModel(directory, { ...files, stages, tokenizerJson: data.tokenizerJson }, state);
  return directory;
}

/** The decoder that the timeline trains. */
export const ownDecoder = (timeline: Timeline, { config }: ModelFiles) => ({
  config: loccaDecoderConfig(config, timeline.locca?.decoder),
  format: MINIATURE_FORMAT,
});

/** Trains what is missing of a variant, saves its model and measures it; a finished one is read back. */
export async function runVariant(run: VariantRun): Promise<VariantResult> {
  const { variant, stages, timeline, data, settings, options, seed } = run;
  const found = await readResult(run);
  if (found) return found;
  options.log?.(`seed ${seed}: ${variant.name}`);
  const state = await trainLine(stages, variant.segment, options);
  const files = stages.find(({ name }) => name === variant.segment)!.model!;
  const measured = await withReferringDecoder(run, files, state);
  options.log?.(`  measuring ${variant.name}`);
  const measures: Record<string, number> = {
    ...(await measureModel(measured, data, settings, options.threads)),
  };
  if (variant.ownDecoder) {
    const own = await save(run, variant.name, { ...files, decoder: ownDecoder(timeline, files) }, state);
    Object.assign(measures, await measureOwnDecoder(own, data, settings, options.threads));
  }
  measures['samplesPerSecond'] = settings.batch / (await secondsPerStep(options.folder, variant.segment));
  const result = { variant: variant.name, seed, measures } satisfies { measures: Measures } & VariantResult;
  await mkdir(join(options.folder, 'results'), { recursive: true });
  await writeJson(fileOf(run), result);
  return result;
}
