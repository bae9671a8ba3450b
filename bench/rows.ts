import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { imageGraph, textGraph } from '../src/encoder/towers/graphs.ts';
import { graphFlops } from '../src/tensor/cost/flops.ts';
import { stepFlops } from '../src/train/cost/stepCost.ts';
import { contrastiveObjective } from '../src/train/losses/sigmoid/contrastive.ts';
import { ids, numbers } from './comparison.ts';
import type { EngineName } from './engines/engines.ts';
import type { Settings } from './engines/task.ts';
import { indexRows } from './indexing.ts';
import { loadRows } from './load.ts';
import { queryRows } from './query.ts';
import type { RowResult } from './result.ts';
import { SEED } from './setup.ts';
import { type Context, sideBySide } from './sideBySide.ts';
import { towerObjective } from './towerObjective.ts';

const ALL: readonly EngineName[] = ['ours', 'transformers.js', 'PyTorch'];

/**
 * Two of 255 levels of a colour, of a largest value near 1: decoders of JPEG may round differently. Pillow's pixels are
 * resized as ours and must be within. transformers.js resizes by another rule (sharp's affine transform, which does not
 * average over what it skips), so that its difference is printed.
 */
const LEVELS = numbers((2 * 2) / 255);
const perSecond = (items: number) => (ms: number) => (1000 * items) / ms;

/** transformers.js reads the export, the others the checkpoint. */
const directoryFor = ({ files }: Context, engine: EngineName): string =>
  engine === 'transformers.js' ? files.onnx : files.model;

function imageSide({ sizes }: Context): number {
  const { vision } = sizes.model;
  if (vision.kind !== 'fixed') throw new Error('the benchmark measures a fixed-resolution model');
  return vision.imageSize;
}

async function imageRows(context: Context): Promise<RowResult[]> {
  const { sizes, threads } = context;
  const rows: RowResult[] = [];
  for (const batch of sizes.batches) {
    const spec = {
      id: `image-${batch}`,
      title: `Images, batch ${batch}`,
      unit: 'images/s',
      task: 'image' as const,
      engines: ALL,
      settings: (engine: EngineName) => ({
        directory: directoryFor(context, engine),
        batch,
        side: imageSide(context),
        threads,
      }),
      rounds: sizes.rounds.run,
      value: perSecond(batch),
      flops: graphFlops(Object.values(imageGraph(sizes.model).outputs), batch),
      equal: ALL,
    };
    rows.push(await sideBySide(context, spec));
  }
  return rows;
}

async function textRows(context: Context): Promise<RowResult[]> {
  const { sizes, threads } = context;
  const { length, vocabSize } = sizes.model.text;
  const rows: RowResult[] = [];
  for (const batch of sizes.batches) {
    const spec = {
      id: `text-${batch}`,
      title: `Texts of ${length} tokens, batch ${batch}`,
      unit: 'texts/s',
      task: 'text' as const,
      engines: ALL,
      settings: (engine: EngineName) => ({
        directory: directoryFor(context, engine),
        batch,
        length,
        vocabSize,
        threads,
      }),
      rounds: sizes.rounds.run,
      value: perSecond(batch),
      flops: graphFlops(Object.values(textGraph(sizes.model).outputs), batch),
      equal: ALL,
    };
    rows.push(await sideBySide(context, spec));
  }
  return rows;
}

/** Settings of the training step, for every engine and for the profile. */
export const trainSettings = ({ sizes, files, threads }: Context, towers: Settings<'train'>['towers']) => ({
  towers,
  directory: files.trained,
  batch: sizes.trainBatch,
  seed: SEED,
  learningRate: 1e-4,
  weightDecay: 1e-5,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  clipNorm: 1,
  threads,
});

async function trainRows(context: Context): Promise<RowResult[]> {
  const { sizes } = context;
  const batch = sizes.trainBatch;
  const common = {
    unit: 'ms',
    task: 'train' as const,
    engines: ['ours', 'PyTorch'] as const,
    rounds: sizes.rounds.train,
    value: (ms: number) => ms,
    equal: ['PyTorch'] as const,
  };
  const tower = await sideBySide(context, {
    ...common,
    id: 'train-tower',
    title: `Training step of the image tower, batch ${batch}`,
    settings: () => trainSettings(context, 'vision'),
    flops: stepFlops(towerObjective(sizes.trained, batch)),
  });
  const both = await sideBySide(context, {
    ...common,
    id: 'train',
    title: `Training step of both towers, ${batch} pairs`,
    settings: () => trainSettings(context, 'both'),
    flops: stepFlops(contrastiveObjective(sizes.trained, { images: batch, texts: batch })),
  });
  return [tower, both];
}

async function preprocessRows(context: Context): Promise<RowResult[]> {
  const row = await sideBySide(context, {
    id: 'preprocess',
    title: 'JPEG of 640 × 480 to model input',
    unit: 'images/s',
    task: 'preprocess',
    engines: ALL,
    settings: (engine) => ({ directory: directoryFor(context, engine), picture: context.files.picture }),
    rounds: context.sizes.rounds.run,
    repeats: 5,
    value: perSecond(1),
    comparison: LEVELS,
    equal: ['PyTorch'],
  });
  return [row];
}

async function tokenizeRows(context: Context): Promise<RowResult[]> {
  const texts = z.array(z.string()).parse(JSON.parse(await readFile(context.files.texts, 'utf8')));
  const row = await sideBySide(context, {
    id: 'tokenize',
    title: `Tokenizing ${texts.length} texts in 100 languages`,
    unit: 'texts/s',
    task: 'tokenize',
    engines: ALL,
    settings: (engine) => ({ directory: directoryFor(context, engine), texts: context.files.texts }),
    rounds: context.sizes.rounds.run,
    value: perSecond(texts.length),
    comparison: ids,
    // transformers.js lower-cases as JavaScript does (with a final sigma), not as SigLIP 2's tokenizer: printed.
    equal: ['PyTorch'],
  });
  return [row];
}

const fileBytes = ({ files }: Context): number => statSync(join(files.model, 'model.safetensors')).size;

/** Every group of rows by the name that `--only` takes. */
export const ROWS: Readonly<Record<string, (context: Context) => Promise<RowResult[]>>> = {
  image: imageRows,
  text: textRows,
  train: trainRows,
  load: (context) => loadRows(context, (engine) => directoryFor(context, engine), fileBytes(context)),
  preprocess: preprocessRows,
  tokenize: tokenizeRows,
  query: queryRows,
  index: indexRows,
};
