/**
 * Holds a device to the CPU, and measures it:
 *
 *     npx tsx bench/device.ts cuda [--tf32] [--profile PREFIX]
 *     npx tsx bench/device.ts cpu --quick       small towers, CPU against itself: shows that the measurement works
 *
 * Agreement: embeddings of the text tower and of both kinds of image tower (a NaFlex batch's padding is masked), and the
 * losses of twenty training steps from one seed. Rates: a product of 4096², the image tower's forward pass, and a
 * training step of the image tower, with the copies between host and device that a run makes.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { imageGraph, type TowerGraph, textGraph } from '../src/encoder/towers/graphs.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { variantConfig } from '../src/model/variants.ts';
import { initializeParameters } from '../src/nn/initialize.ts';
import {
  type Arrays,
  compile,
  DEVICES,
  float32,
  input,
  int32,
  matmul,
  type SessionOptions,
} from '../src/tensor/index.ts';
import { stepFlops } from '../src/train/cost/stepCost.ts';
import { createStep } from '../src/train/step/createStep.ts';
import { PAPER_OPTIMIZER } from '../src/train/step/optimizer/config.ts';
import { initialState } from '../src/train/step/state/state.ts';
import { floats, training } from './engines/ours.ts';
import { pixels, tokenIds, unitRows } from './inputs.ts';
import { QUICK } from './sizes.ts';
import { median } from './stats.ts';
import { towerObjective } from './towerObjective.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    tf32: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const device = z.enum(DEVICES).parse(positionals[0]);
const { quick, tf32, profile } = values;
const onDevice: SessionOptions = { device, tf32 };
const ROUNDS = quick ? 2 : 9;

const base = quick ? QUICK.model : variantConfig('google/siglip2-base-patch16-224');
const fixedModel: ModelConfig = { ...base, text: { ...base.text, vocabSize: 4096 } };
const naflexModel: ModelConfig = { ...fixedModel, vision: { ...base.vision, kind: 'naflex' } };
const side = base.vision.kind === 'fixed' ? base.vision.imageSize : 0;

/** Sequences of different grids in as many rows as the largest has. */
function naflexBatch(): Arrays {
  const { numPatches: length, patchSize, channels } = base.vision;
  const grid = Math.sqrt(length);
  const shapes = [
    [grid, grid],
    [1, length],
    [grid - 1, 2],
    [1, 1],
  ] as const;
  const mask = shapes.flatMap(([h, w]) => Array.from({ length }, (_, i) => (i < h * w ? 1 : 0)));
  const size = channels * patchSize ** 2;
  const { data } = unitRows(shapes.length * length, size);
  return {
    pixel_values: float32(
      [shapes.length, length, size],
      data.map((v, i) => v * mask[Math.floor(i / size)]! * Math.sqrt(size)),
    ),
    pixel_attention_mask: int32([shapes.length, length], mask),
    spatial_shapes: int32([shapes.length, 2], shapes.flat()),
  };
}

/** max|a − b| / max|b| */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [apart, largest] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    if (!Number.isFinite(a[i]!)) return Number.POSITIVE_INFINITY;
    apart = Math.max(apart, Math.abs(a[i]! - b[i]!));
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return largest === 0 ? apart : apart / largest;
}

async function outputs({ parameters, outputs: graph }: TowerGraph, feeds: Arrays, options: SessionOptions) {
  const weights = initializeParameters(parameters, 0);
  const session = await compile({ outputs: graph, weights }, options);
  const result = await session.run(feeds);
  await session.dispose();
  return floats(Object.values(result)[0]!);
}

async function agreement(name: string, graph: () => TowerGraph, feeds: Arrays): Promise<void> {
  const ours = await outputs(graph(), feeds, onDevice);
  const reference = await outputs(graph(), feeds, {});
  console.log(`${name}: differs from the CPU by ${difference(ours, reference).toExponential(1)}`);
}

/** Losses of training two small towers on one batch. */
async function losses(options: SessionOptions): Promise<number[]> {
  const { objective, feeds } = training(QUICK.trained, 8, 'both');
  const step = await createStep(objective, PAPER_OPTIMIZER, initialState(objective, 0), options);
  const found: number[] = [];
  for (let i = 0; i < 20; i++) found.push((await step.run(feeds, i, 1)).loss);
  await step.dispose();
  return found;
}

/** Milliseconds of one run: the median, after one that is not counted. */
async function time(run: () => Promise<unknown>): Promise<number> {
  await run();
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const from = performance.now();
    await run();
    times.push(performance.now() - from);
  }
  return median(times);
}

const report = (name: string, milliseconds: number, count: number, flops: number): void =>
  console.log(
    `${name}: ${milliseconds.toFixed(1)} ms, ${((1000 * count) / milliseconds).toFixed(1)}/s, ` +
      `${(flops / milliseconds / 1e9).toFixed(2)} TFLOP/s`,
  );

async function product(size: number): Promise<void> {
  const square = () => float32([size, size], new Float32Array(size * size).fill(0.01));
  const weight = input('b', 'float32', [size, size]);
  // A chain, so that copying the ends does not hide the products.
  const chain = Array.from({ length: 8 }).reduce<typeof weight>(
    (x) => matmul(x, weight),
    input('a', 'float32', [size, size]),
  );
  const session = await compile({ outputs: { chain }, weights: new Map([['b', square()]]) }, onDevice);
  const milliseconds = await time(() => session.run({ a: square() }));
  report(`${size}² × ${size}² eight times`, milliseconds, 8, 8 * 2 * size ** 3);
  await session.dispose();
}

async function forward(batch: number): Promise<void> {
  const graph = imageGraph(fixedModel);
  const weights = initializeParameters(graph.parameters, 0);
  const session = await compile({ outputs: graph.outputs, weights }, onDevice);
  const feeds = { pixel_values: pixels(batch, side) };
  const flops = stepFlops(towerObjective(fixedModel, batch)) / 3;
  report(`image tower, batch ${batch}`, await time(() => session.run(feeds)), batch, flops);
  await session.dispose();
}

async function trainingStep(batch: number): Promise<void> {
  const { objective, feeds } = training(fixedModel, batch, 'vision');
  const step = await createStep(objective, PAPER_OPTIMIZER, initialState(objective, 0), {
    ...onDevice,
    ...(profile !== undefined && { profile: `${profile}-${batch}` }),
  });
  let count = 0;
  const milliseconds = await time(() => step.run(feeds, count++, 1));
  report(`training step of the image tower, batch ${batch}`, milliseconds, batch, stepFlops(objective));
  await step.dispose();
}

console.log(`${device}${tf32 ? ' with TF32' : ''}`);
await agreement('fixed image tower', () => imageGraph(fixedModel), { pixel_values: pixels(4, side) });
await agreement('NaFlex image tower', () => imageGraph(naflexModel, base.vision.numPatches), naflexBatch());
const texts = tokenIds(4, fixedModel.text.length, fixedModel.text.vocabSize);
await agreement('text tower', () => textGraph(fixedModel), { input_ids: texts });
const [ours, reference] = [await losses(onDevice), await losses({})];
console.log(
  `loss of 20 training steps: ${ours.at(-1)!.toFixed(5)}, on the CPU ${reference.at(-1)!.toFixed(5)}, ` +
    `at most ${difference(ours, reference).toExponential(1)} apart`,
);
await product(quick ? 64 : 4096);
for (const batch of quick ? [2] : [1, 8, 64]) await forward(batch);
for (const batch of quick ? [2] : [8, 64]) await trainingStep(batch);
