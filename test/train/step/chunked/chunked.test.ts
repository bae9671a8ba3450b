import { beforeAll, describe, expect, it } from 'vitest';
import { type Arrays, float32, int32, type NdArray, sizeOf } from '../../../../src/tensor/index.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import type { Objective } from '../../../../src/train/losses/objective.ts';
import { chunkedContrastiveObjective } from '../../../../src/train/losses/sigmoid/chunkedContrastive.ts';
import { contrastiveObjective } from '../../../../src/train/losses/sigmoid/contrastive.ts';
import { createChunkedStep } from '../../../../src/train/step/chunked/chunkedStep.ts';
import { chunksOf } from '../../../../src/train/step/chunked/chunks.ts';
import { createStep } from '../../../../src/train/step/createStep.ts';
import { PAPER_OPTIMIZER } from '../../../../src/train/step/optimizer/config.ts';
import type { StepResult } from '../../../../src/train/step/reports.ts';
import { hasTables } from '../../../../src/train/step/sparse/heldTables.ts';
import { initialState, type TrainState } from '../../../../src/train/step/state/state.ts';
import { createDenseStep } from '../../../../src/train/step/step.ts';
import type { TrainStep } from '../../../../src/train/step/trainStep.ts';
import { tinyConfig } from '../../../cli/fixtures.ts';

const STEPS = 3;
const IMAGES = 6;
/** More texts than images; image 0 has three, image 5 none of its own. */
const TEXTS = 8;
const TEXT_IDS = [0, 0, 0, 1, 2, 2, 3, 4];
const config = tinyConfig('fixed', 50);
const whole = contrastiveObjective(config, { images: IMAGES, texts: TEXTS });

/**
 * Adam divides a gradient by its size: with the usual ε an element whose gradient is rounding noise (a key's bias) would
 * move by the learning rate in an arbitrary direction. A large ε keeps the comparison about the gradients.
 */
const optimizer = { ...PAPER_OPTIMIZER, learningRate: 0.01, epsilon: 1e-2 };

function batchAt(step: number, { inputs }: Objective = whole): Arrays {
  const random = createRandom(2, 'batch', String(step));
  const draw = (shape: readonly number[], next: () => number) => Array.from({ length: sizeOf(shape) }, next);
  const shape = (name: string) => inputs[name]!.shape as number[];
  return {
    pixel_values: float32(shape('pixel_values'), draw(shape('pixel_values'), random.normal)),
    input_ids: int32(
      shape('input_ids'),
      draw(shape('input_ids'), () => Math.floor(50 * random.next())),
    ),
    image_ids: int32([IMAGES], [0, 1, 2, 3, 4, 5]),
    text_ids: int32([TEXTS], TEXT_IDS),
  };
}

interface Run {
  readonly results: readonly StepResult[];
  readonly state: TrainState;
}

async function runSteps(step: TrainStep): Promise<Run> {
  const results: StepResult[] = [];
  for (let i = 0; i < STEPS; i++) results.push(await step.run(batchAt(i), i, 1));
  const state = step.state();
  await step.dispose();
  return { results, state };
}

/** The largest difference, relative to the largest number. */
function difference(actual: NdArray<'float32'> | undefined, expected: NdArray<'float32'>): number {
  let worst = 0;
  let scale = 1e-12;
  expected.data.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(value - (actual?.data[i] ?? Number.NaN)));
    scale = Math.max(scale, Math.abs(value));
  });
  return worst / scale;
}

const start = () => initialState(whole, 4);
const cached = (chunk: { images: number; texts: number; logits?: number }) =>
  chunkedContrastiveObjective(config, { images: IMAGES, texts: TEXTS }, chunk);

function expectEqual(actual: Run, expected: Run): void {
  actual.results.forEach((result, i) => {
    const other = expected.results[i]!;
    expect(Math.abs(result.loss / other.loss - 1)).toBeLessThan(1e-5);
    expect(Math.abs(result.gradientNorm / other.gradientNorm - 1)).toBeLessThan(1e-5);
    expect(Object.keys(result.metrics)).toEqual(['temperature', 'bias']);
    for (const [name, value] of Object.entries(other.metrics)) {
      expect(Math.abs(result.metrics[name]! / value - 1)).toBeLessThan(1e-5);
    }
  });
  expect([...actual.state.keys()].sort()).toEqual([...expected.state.keys()].sort());
  for (const [name, array] of expected.state) {
    // A key's bias shifts all scores of a query: its gradient is rounding noise about nought.
    if (name.endsWith('k_proj.bias')) {
      for (const value of actual.state.get(name)!.data) expect(Math.abs(value)).toBeLessThan(1e-6);
      continue;
    }
    expect(difference(actual.state.get(name), array), name).toBeLessThan(1e-5);
  }
}

const tablesOf = ({ shared }: TrainStep) => (hasTables(shared) ? [...shared.tables.keys()] : []);

describe('a step in chunks', () => {
  let expected: Run;
  beforeAll(async () => {
    expected = await runSteps(await createDenseStep(whole, optimizer, start()));
  });

  it.each([
    // One image and one text at a time, one image's logits at a time.
    { images: 1, texts: 1, logits: 8 },
    { images: 2, texts: 4, logits: 16 },
    // No divisors: the last chunks overlap.
    { images: 4, texts: 3, logits: 47 },
    { images: IMAGES, texts: TEXTS },
  ])('of $images images and $texts texts equals that of the whole batch', async (chunk) => {
    expectEqual(await runSteps(await createChunkedStep(cached(chunk), optimizer, start())), expected);
  });

  it('updates a token table by the rows of the whole batch', async () => {
    const objective = cached({ images: 4, texts: 3 });
    const make = (state: TrainState) => createStep(objective, optimizer, state, { sparse: true });
    const step = await make(start());
    expect(tablesOf(step)).toEqual(['text_model.embeddings.token_embedding.weight']);
    const { input_ids, ...rest } = batchAt(0);
    await expect(step.run(rest, 0, 1)).rejects.toThrow(/no input_ids/);
    await expect(step.run({ ...rest, input_ids: int32([1, 16], new Int32Array(16)) }, 0, 1)).rejects.toThrow(
      /input_ids is int32\[1, 16\].*int32\[8, 16\]/,
    );
    expectEqual(await runSteps(step), expected);
    // Stopped and resumed, to the bit.
    const first = await make(start());
    await first.run(batchAt(0), 0, 1);
    const saved = new Map(
      [...first.resumable()].map(([name, { shape, data }]) => [name, float32(shape, data.slice())]),
    );
    const resumed = await make(saved);
    for (const one of [first, resumed]) for (const i of [1, 2]) await one.run(batchAt(i), i, 1);
    const [whole, again] = [first.state(), resumed.state()];
    for (const [name, { data }] of whole) expect(again.get(name)!.data, name).toEqual(data);
    for (const one of [first, resumed]) await one.dispose();
  });

  it('equals it with a frozen tower, which has no backward pass', async () => {
    const frozen = (name: string) => name.startsWith('vision_model');
    const dense = { ...whole, frozen };
    const reference = await runSteps(await createDenseStep(dense, optimizer, initialState(dense, 4)));
    const objective = { ...cached({ images: 4, texts: 3 }), frozen };
    const run = await runSteps(await createChunkedStep(objective, optimizer, initialState(dense, 4)));
    expectEqual(run, reference);
  });
});

describe('chunks', () => {
  it('cover every row once', () => {
    expect(chunksOf(8, 4)).toEqual([
      { start: 0, overlap: 0 },
      { start: 4, overlap: 0 },
    ]);
    expect(chunksOf(8, 3)).toEqual([
      { start: 0, overlap: 0 },
      { start: 3, overlap: 0 },
      { start: 5, overlap: 1 },
    ]);
    expect(chunksOf(2, 2)).toEqual([{ start: 0, overlap: 0 }]);
  });

  it('are refused where they are larger than the batch, and batches that do not fit are named', async () => {
    expect(() => cached({ images: 7, texts: 1 })).toThrow(/7 images: use 1 to 6/);
    expect(() => cached({ images: 1, texts: 0 })).toThrow(
      /chunk.texts is 0; it must be a whole number of at least 1/,
    );
    const step = await createChunkedStep(cached({ images: 2, texts: 2 }), optimizer, start());
    const { image_ids, ...rest } = batchAt(0);
    await expect(step.run(rest, 0, 1)).rejects.toThrow(/no image_ids/);
    const short = { ...rest, image_ids: image_ids!, input_ids: int32([1, 16], new Int32Array(16)) };
    await expect(step.run(short, 0, 1)).rejects.toThrow(/input_ids is int32\[1, 16\].*int32\[8, 16\]/);
    await step.dispose();
  });
});
