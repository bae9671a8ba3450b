import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Arrays, int32, type NdArray, type Tensor, zeros } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import type { Objective } from '../../../src/train/losses/objective.ts';
import { readLog } from '../../../src/train/run/log/log.ts';
import { stageDir } from '../../../src/train/run/stageTree.ts';
import { latestState } from '../../../src/train/run/states.ts';
import { trainStages } from '../../../src/train/run/trainStages.ts';
import { stageObjective } from '../../../src/train/timeline/stageObjective.ts';
import { stageSchedules } from '../../../src/train/timeline/stageSchedule.ts';
import type { StageSpec } from '../../../src/train/timeline/timeline.ts';
import {
  type BatchRequest,
  type TimelineData,
  timelineRun,
} from '../../../src/train/timeline/timelineRun.ts';
import { tinyTimeline } from './tinyTimeline.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-timeline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const timeline = tinyTimeline();

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
function batchAt({ stage: { spec }, step, images, length }: BatchRequest): Arrays {
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
const data: TimelineData = {
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

const run = (name: string, stop?: readonly [string, number]) => {
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

async function ends(name: string) {
  const stages = timelineRun(timeline, data, { seed: 1 });
  const states = await Promise.all(
    stages.map((_, i) => latestState(stageDir(join(folder, name), stages, i))),
  );
  return states.map((saved) => saved?.state);
}

describe('a timeline', () => {
  it('runs: teacher and heads from half way on, other resolutions, NaFlex, curation', async () => {
    expect((await run('whole')).finished).toBe(true);
    const [pretraining, distilled, larger, naflex, curation] = await ends('whole');
    const teacher = 'teacher.vision_model.embeddings.position_embedding.weight';
    expect(pretraining!.has(teacher)).toBe(false);
    expect(distilled!.get(teacher)!.shape).toEqual([16, 8]);
    expect(larger!.get('vision_model.embeddings.patch_embedding.weight')!.shape).toEqual([8, 3, 3, 3]);
    expect(naflex!.get('vision_model.embeddings.patch_embedding.weight')!.shape).toEqual([8, 12]);
    expect(naflex!.has(teacher)).toBe(false);
    for (const state of [pretraining, naflex]) expect(state!.has('decoder.lm_head.weight')).toBe(true);
    expect(
      [...curation!.keys()].some((key) => key.startsWith('decoder.') || key.startsWith('teacher.')),
    ).toBe(false);
    const stages = timelineRun(timeline, data, { seed: 1 });
    const log = await readLog(stageDir(join(folder, 'whole'), stages, 1));
    for (const part of ['sigmoid', 'locca', 'selfDistillation', 'maskedPrediction'])
      expect(
        log.every((entry) => Number.isFinite(entry[part])),
        part,
      ).toBe(true);
  });

  it('stopped where the teacher has begun and among NaFlex lengths, ends in the same bits', async () => {
    await run('broken', ['distilled', 1]);
    await run('broken', ['naflex', 3]);
    expect((await run('broken')).finished).toBe(true);
    expect(await ends('broken')).toEqual(await ends('whole'));
  }, 120_000);

  it('may be tried in a few steps, each through its part of the schedule', () => {
    const stages = timelineRun(timeline, data, { seed: 1, steps: 2 });
    const parts = stages.map(({ training }) => ('make' in training ? undefined : training.part));
    expect(parts.map((part) => [part?.steps, part?.from, part?.to])).toEqual([
      [2, 0, 4],
      [2, 4, 6],
      [2, 6, 8],
      [2, 4, 8],
      [2, 0, 2],
    ]);
  });

  it('asks the data for the images of a step', async () => {
    const asked: (readonly [string, number, number | undefined])[] = [];
    const spy: TimelineData = {
      ...data,
      batchAt({ stage, images, length }) {
        asked.push([stage.spec.name, images, length]);
        return {};
      },
    };
    for (const { training } of timelineRun(timeline, spy, { seed: 1 }))
      if (!('make' in training)) await training.batchAt(0);
    const first = stageSchedules(timeline, 1)[3]!.draws!.at(0);
    expect(asked).toEqual([
      ['pretraining', 4, undefined],
      ['distilled', 4, undefined],
      ['larger', 4, undefined],
      ['naflex', first.batch, first.length],
      // A super-batch.
      ['curation', 8, undefined],
    ]);
  });

  it('says what data or losses do not fit', () => {
    expect(() => timelineRun(timeline, { batchAt }, { seed: 1 })).toThrow(
      /stage curation .* needs selectFor/,
    );
    const [first] = timeline.stages;
    const objectiveOf = (change: Partial<StageSpec>) => () =>
      stageObjective(timeline, { ...first, ...change }, { images: 4 });
    expect(objectiveOf({ losses: ['locca'] })).toThrow('stage pretraining has no sigmoid loss');
    const { images } = timeline.stages[3]!;
    for (const name of ['selfDistillation', 'maskedPrediction'])
      expect(objectiveOf({ images, losses: ['sigmoid', name] })).toThrow(
        /^stage pretraining: NaFlex images have no self-supervised losses/,
      );
    expect(objectiveOf({ losses: ['sigmoid', 'hinge'] })).toThrow(
      "there is no loss 'hinge'; there are sigmoid, ",
    );
  });
});
