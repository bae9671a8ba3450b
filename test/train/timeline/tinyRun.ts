import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type Arrays, int32, type NdArray, type Tensor, zeros } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import type { Objective } from '../../../src/train/losses/objective.ts';
import { stageDir } from '../../../src/train/run/stageTree.ts';
import { latestState } from '../../../src/train/run/states.ts';
import { trainStages } from '../../../src/train/run/trainStages.ts';
import { stageObjective } from '../../../src/train/timeline/stageObjective.ts';
import type { StageSpec } from '../../../src/train/timeline/timeline.ts';
import {
  type BatchRequest,
  type TimelineData,
  timelineRun,
} from '../../../src/train/timeline/timelineRun.ts';
import { tinyTimeline } from './tinyTimeline.ts';

/** Where the runs of a test file are. */
export const folder = mkdtempSync(join(tmpdir(), 'siglip2-timeline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export const timeline = tinyTimeline();

const count = (n: number, value: (i: number) => number) => Int32Array.from({ length: n }, (_, i) => value(i));

/** Inputs whose numbers are not random. */
function fixedInput(name: string, shape: readonly number[]): NdArray | undefined {
  const [rows = 1, length = 1] = shape;
  if (name === 'image_ids' || name === 'text_ids')
    return int32(
      shape,
      count(rows, (i) => i),
    );
  if (name === 'pixel_attention_mask')
    return int32(
      shape,
      count(rows * length, () => 1),
    );
  return undefined;
}

const known = new Map<string, Objective['inputs']>();

/** The inputs of a stage's objective. */
function inputsOf(spec: StageSpec, images: number, length?: number): Objective['inputs'] {
  const key = `${spec.name} ${images} ${length}`;
  const batch = { images, ...(length !== undefined && { length }) };
  const inputs = known.get(key) ?? stageObjective(timeline, spec, batch).inputs;
  known.set(key, inputs);
  return inputs;
}

/** Random numbers for the inputs of a stage; a pure function of the request. */
export function batchAt({ stage: { spec }, step, images, length }: BatchRequest): Arrays {
  const inputs = inputsOf(spec, images, length);
  const random = createRandom(2, spec.name, step);
  const draw = (name: string, { dtype, shape }: Tensor): NdArray => {
    const size = shape as number[];
    if (name === 'spatial_shapes')
      return int32(
        size,
        count(2 * images, (i) => (i % 2 ? length! : 1)),
      );
    const given = fixedInput(name, size);
    if (given) return given;
    const array = zeros(dtype, size);
    // Below the vocabulary, the number of patches and of positions alike; both decoder modes.
    const limit = name === 'decoder_parallel' ? 2 : 4;
    for (let i = 0; i < array.data.length; i++)
      array.data[i] = dtype === 'int32' ? random.int(limit) : Math.abs(random.normal());
    return array;
  };
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, draw(name, tensor)]));
}

/** The first half of what is offered. */
export const data: TimelineData = {
  batchAt,
  selectFor: (stage) => (batch) => {
    const inputs = inputsOf(stage.spec, timeline.batch);
    const half = ([name, { shape, dtype }]: readonly [string, Tensor]) => {
      const array = zeros(dtype, shape as number[]);
      for (let i = 0; i < array.data.length; i++) array.data[i] = batch[name]!.data[i]!;
      return [name, array];
    };
    return { batch: Object.fromEntries(Object.entries(inputs).map(half)) };
  },
};

/** Trains the timeline, or goes on with it; until a step of a stage, where one is given. */
export const run = (name: string, stop?: readonly [string, number]) => {
  const stages = timelineRun(timeline, data, { seed: 1 });
  const control = new AbortController();
  return trainStages(stages, {
    runDir: join(folder, name),
    saveEvery: 2,
    session: { threads: 1 },
    signal: control.signal,
    onProgress: ({ step }, stage) => {
      if (stop?.[0] === stage.name && stop[1] === step) control.abort();
    },
  });
};

/** What each stage of a run ended with. */
export async function ends(name: string) {
  const stages = timelineRun(timeline, data, { seed: 1 });
  const states = await Promise.all(
    stages.map((_, i) => latestState(stageDir(join(folder, name), stages, i))),
  );
  return states.map((saved) => saved?.state);
}
