import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { openModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { load } from '../../src/encoder/load.ts';
import { compileTower, imageGraph, textGraph } from '../../src/encoder/towers/graphs.ts';
import { decodeImage } from '../../src/input/image/decode/decodeImage.ts';
import { preprocessFixed } from '../../src/input/image/preprocess.ts';
import { fixedPreprocessing } from '../../src/input/image/preprocessing.ts';
import { loadTokenizer } from '../../src/input/text/tokenizer/loadTokenizer.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import {
  type Arrays,
  compile,
  input,
  int32,
  matmul,
  type NdArray,
  type Session,
  zeros,
} from '../../src/tensor/index.ts';
import type { Objective } from '../../src/train/losses/objective.ts';
import { contrastiveObjective } from '../../src/train/losses/sigmoid/contrastive.ts';
import { createStep } from '../../src/train/step/createStep.ts';
import type { OptimizerConfig } from '../../src/train/step/optimizer/config.ts';
import { initialState } from '../../src/train/step/state/state.ts';
import { pixels, tokenIds, unitRows } from '../inputs.ts';
import { towerObjective } from '../towerObjective.ts';
import { serve } from './serve.ts';
import { type Settings, type Task, type Tasks, task } from './task.ts';

export const floats = (array: NdArray): Float32Array => array.data as Float32Array;

/** A session that is run on the same feeds with its output bound. */
function fixedRun(session: Session, feeds: Arrays, name: string, shape: readonly number[]): Task {
  const output = zeros('float32', shape);
  const bound = session.bind(feeds, { [name]: output });
  return {
    async run() {
      await bound.run();
      return () => output.data;
    },
    async dispose() {
      bound.dispose();
      await session.dispose();
    },
  };
}

/** [m, k] × [k, n] with the right side as a weight, packed once like a layer's. */
export async function matmulTask({ m, k, n, threads }: Settings<'matmul'>): Promise<Task> {
  const weight: NdArray = { dtype: 'float32', shape: [k, n], data: new Float32Array(k * n).fill(0.5) };
  const product = matmul(input('a', 'float32', [m, k]), input('b', 'float32', [k, n]));
  const session = await compile({ outputs: { product }, weights: new Map([['b', weight]]) }, { threads });
  const a: NdArray = { dtype: 'float32', shape: [m, k], data: new Float32Array(m * k).fill(0.25) };
  return fixedRun(session, { a }, 'product', [m, n]);
}

/** `profile`: path prefix of a profile that the session writes when it is disposed. */
export async function imageTask(settings: Settings<'image'>, profile?: string): Promise<Task> {
  const { directory, batch, side, threads } = settings;
  const { config, weights } = await openModelDirectory(directory);
  const session = await compileTower(imageGraph(config), weights, { threads, profile });
  await weights.close();
  const shape = [batch, config.vision.hiddenSize];
  return fixedRun(session, { pixel_values: pixels(batch, side) }, 'image_embeds', shape);
}

async function textTask({ directory, batch, length, vocabSize, threads }: Settings<'text'>): Promise<Task> {
  const { config, weights } = await openModelDirectory(directory);
  const session = await compileTower(textGraph(config), weights, { threads });
  await weights.close();
  const shape = [batch, config.text.projectionSize];
  return fixedRun(session, { input_ids: tokenIds(batch, length, vocabSize) }, 'text_embeds', shape);
}

async function loadTask({ directory, picture, threads }: Settings<'load'>): Promise<Task> {
  const encoder = await load(directory, { threads });
  return {
    async run() {
      const image = await encoder.embedImages([picture]);
      const text = await encoder.embedTexts(['a cat on a mat']);
      return () => [...image.data, ...text.data];
    },
    dispose: () => encoder.dispose(),
  };
}

/** Decode, resize, normalise: file bytes to the tower's input. */
async function preprocessTask({ directory, picture }: Settings<'preprocess'>): Promise<Task> {
  const { preprocessor, weights } = await openModelDirectory(directory);
  await weights.close();
  if (preprocessor.kind !== 'fixed') throw new Error('the benchmark preprocesses for a fixed resolution');
  const config = fixedPreprocessing(preprocessor.height);
  const bytes = await readFile(picture);
  return {
    async run() {
      const { pixel_values } = preprocessFixed([await decodeImage(bytes)], config);
      return () => floats(pixel_values);
    },
  };
}

async function tokenizeTask({ directory, texts }: Settings<'tokenize'>): Promise<Task> {
  const { tokenizerPath, config, weights } = await openModelDirectory(directory);
  await weights.close();
  const tokenizer = await loadTokenizer(tokenizerPath!, { length: config.text.length });
  const strings = z.array(z.string()).parse(JSON.parse(await readFile(texts, 'utf8')));
  return {
    async run() {
      const { data } = tokenizer.encodeBatch(strings);
      return () => data as Int32Array;
    },
  };
}

/** What is trained, and a batch for it. */
export function training(
  config: ModelConfig,
  batch: number,
  towers: Settings<'train'>['towers'],
): { readonly objective: Objective; readonly feeds: Arrays } {
  if (config.vision.kind !== 'fixed') throw new Error('the benchmark trains a fixed-resolution tower');
  const ids = int32(
    [batch],
    Int32Array.from({ length: batch }, (_, i) => i),
  );
  const pixel_values = pixels(batch, config.vision.imageSize);
  if (towers === 'vision') {
    const text_embeds = unitRows(batch, config.vision.hiddenSize);
    return { objective: towerObjective(config, batch), feeds: { pixel_values, text_embeds } };
  }
  const input_ids = tokenIds(batch, config.text.length, config.text.vocabSize);
  return {
    objective: contrastiveObjective(config, { images: batch, texts: batch }),
    feeds: { pixel_values, input_ids, image_ids: ids, text_ids: ids },
  };
}

/** Forward, backward and Adam on the sigmoid loss. `profile` as in {@link imageTask}. */
export async function trainTask(settings: Settings<'train'>, profile?: string): Promise<Task> {
  const { directory, batch, towers, seed, threads, ...rest } = settings;
  const { config, weights } = await openModelDirectory(directory);
  await weights.close();
  const optimizer: OptimizerConfig = rest;
  const { objective, feeds } = training(config, batch, towers);
  // The directory was written from the same seed, so the other engine starts from the same weights.
  const initial = initialState(objective, seed);
  const step = await createStep(objective, optimizer, initial, { threads, profile });
  let count = 0;
  return {
    async run() {
      const { loss } = await step.run(feeds, count++, 1);
      return () => [loss];
    },
    dispose: () => step.dispose(),
  };
}

export const tasks: Tasks = {
  matmul: task('matmul', matmulTask),
  image: task('image', (settings) => imageTask(settings)),
  text: task('text', textTask),
  load: task('load', loadTask),
  preprocess: task('preprocess', preprocessTask),
  tokenize: task('tokenize', tokenizeTask),
  train: task('train', (settings) => trainTask(settings)),
};

if (process.argv[1] === import.meta.filename) await serve(tasks);
