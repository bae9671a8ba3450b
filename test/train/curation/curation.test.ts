import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/checkpoint/huggingFace/config.ts';
import { load } from '../../../src/encoder/load.ts';
import { rgbImage } from '../../../src/input/image/rgbImage.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import { type Arrays, float32, int32 } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { type Curation, createCuration } from '../../../src/train/curation/curation.ts';
import { type PairScorer, teacherScorer } from '../../../src/train/curation/pairScorer.ts';
import { CURATION_DEFAULTS } from '../../../src/train/curation/settings.ts';
import { contrastiveObjective } from '../../../src/train/losses/sigmoid/contrastive.ts';
import { readLog } from '../../../src/train/run/log/log.ts';
import { train } from '../../../src/train/run/trainer.ts';
import type { Training } from '../../../src/train/run/training.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';
import { initialState } from '../../../src/train/step/state/state.ts';
import { saveTinyModel } from '../../server/tinyModel.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-curation-'));
const BATCH = 4;
const OFFERED = 8;
const SIDE = 16;
const session = { threads: 1 };
// A part of 3 leaves a last part of 2.
const settings = { ...CURATION_DEFAULTS, filterRatio: 0.5, chunks: 2, scoringBatch: 3, blockRows: 5 };

let config: ModelConfig;
let teacher: PairScorer;
let curation: Curation;
beforeAll(async () => {
  const directory = join(folder, 'teacher');
  await saveTinyModel(directory, 1);
  config = parseConfig(JSON.parse(await readFile(join(directory, 'config.json'), 'utf8')));
  teacher = await teacherScorer(directory, { ...settings, session });
  curation = await createCuration({ learner: config, teacher, settings, seed: 5, session });
});
afterAll(async () => {
  await curation.dispose();
  await teacher.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Noise; a pure function of the step. Pair i has the identity 100·step + i. */
function superBatchAt(step: number): Arrays {
  const random = createRandom(2, 'super-batch', step);
  const draw = (count: number, next: () => number) => Array.from({ length: count }, next);
  const ids = int32(
    [OFFERED],
    draw(OFFERED, () => 0).map((_, i) => 100 * step + i),
  );
  return {
    pixel_values: float32(
      [OFFERED, 3, SIDE, SIDE],
      draw(OFFERED * 3 * SIDE * SIDE, () => random.normal()),
    ),
    input_ids: int32(
      [OFFERED, SIDE],
      draw(OFFERED * SIDE, () => random.int(config.text.vocabSize)),
    ),
    image_ids: ids,
    text_ids: ids,
  };
}

const plan = (): Training => ({
  objective: contrastiveObjective(config, { images: BATCH, texts: BATCH }),
  optimizer: { ...PAPER_OPTIMIZER, learningRate: 1e-2 },
  schedule: { totalSteps: 6, warmupSteps: 1 },
  seed: 0,
  batchAt: superBatchAt,
  select: curation.select,
});

const asObject = (state: ReadonlyMap<string, { data: Float32Array }>) =>
  Object.fromEntries([...state].map(([name, { data }]) => [name, [...data]]));

describe('a curated run', () => {
  it('chooses better pairs than the average offered, and resumes to the bit', async () => {
    const whole = await train(plan(), { runDir: join(folder, 'whole'), saveEvery: 2, session });
    const runDir = join(folder, 'broken');
    const stop = new AbortController();
    await train(plan(), {
      runDir,
      saveEvery: 2,
      session,
      signal: stop.signal,
      onProgress: ({ step }) => step === 3 && stop.abort(),
    });
    const resumed = await train(plan(), { runDir, saveEvery: 2, session });
    expect(asObject(resumed.state)).toEqual(asObject(whole.state));

    const log = await readLog(runDir);
    const mean = (name: string) => log.reduce((total, entry) => total + Number(entry[name]), 0) / log.length;
    expect(log).toHaveLength(6);
    expect(mean('score_chosen')).toBeGreaterThan(mean('score_offered'));
  });

  it('follows the learner: other parameters choose otherwise', async () => {
    const state = (seed: number) => initialState(plan().objective, seed);
    const choices = new Set<string>();
    for (let seed = 0; seed < 4; seed++) {
      const { batch } = await curation.select(superBatchAt(0), state(seed), 0);
      choices.add(batch['image_ids']!.data.join());
    }
    expect(choices.size).toBeGreaterThan(1);
  });

  it('hands on whole rows', async () => {
    const offered = superBatchAt(1);
    const { batch } = await curation.select(offered, initialState(plan().objective, 0), 1);
    expect(Object.keys(batch).sort()).toEqual(['image_ids', 'input_ids', 'pixel_values', 'text_ids']);
    const size = 3 * SIDE * SIDE;
    [...batch['image_ids']!.data].forEach((id, i) => {
      const row = Number(id) - 100;
      expect(batch['pixel_values']!.data.slice(i * size, (i + 1) * size)).toEqual(
        offered['pixel_values']!.data.slice(row * size, (row + 1) * size),
      );
      expect(batch['input_ids']!.data.slice(i * SIDE, (i + 1) * SIDE)).toEqual(
        offered['input_ids']!.data.slice(row * SIDE, (row + 1) * SIDE),
      );
    });
  });

  it('gives the teacher what is meant for it and keeps that from the learner', async () => {
    const offered = superBatchAt(2);
    const seen: Arrays[] = [];
    const spy: PairScorer = {
      ...teacher,
      embed: (batch, state) => {
        seen.push(batch);
        return teacher.embed(batch, state);
      },
    };
    const own = await createCuration({ learner: config, teacher: spy, settings, seed: 5, session });
    const ids = superBatchAt(3)['input_ids']!;
    const state = initialState(plan().objective, 0);
    const { batch } = await own.select({ ...offered, 'teacher.input_ids': ids }, state, 2);
    expect(seen[0]!['input_ids']).toBe(ids);
    expect(seen[0]!['pixel_values']).toBe(offered['pixel_values']);
    expect(Object.keys(batch)).not.toContain('teacher.input_ids');
    await own.dispose();
  });

  it('names what is missing or does not fit', async () => {
    const state = initialState(plan().objective, 0);
    const { pixel_values, ...blind } = superBatchAt(0);
    await expect(curation.select(blind, state, 0)).rejects.toThrow(/no pixel_values/);
    const short = { ...superBatchAt(0), image_ids: int32([3], [0, 1, 2]) };
    await expect(curation.select(short, state, 0)).rejects.toThrow(/image_ids has 3 rows/);
    await expect(curation.select(superBatchAt(0), new Map(), 0)).rejects.toThrow(/state has no /);
  });
});

describe('a teacher', () => {
  it('embeds as the loaded model does', async () => {
    const encoder = await load(join(folder, 'teacher'), session);
    const random = createRandom(1, 'pixels');
    const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, () => random.int(256));
    const expected = await encoder.embedImages([rgbImage(SIDE, SIDE, pixels)]);
    // At its own size an image is only scaled to [−1, 1] and split into planes.
    const planes = Float32Array.from({ length: pixels.length }, (_, i) => {
      const [channel, pixel] = [Math.floor(i / SIDE ** 2), i % SIDE ** 2];
      return pixels[pixel * 3 + channel]! / 127.5 - 1;
    });
    const { images, scalars } = await teacher.embed(
      {
        pixel_values: float32([1, 3, SIDE, SIDE], planes),
        input_ids: int32([1, SIDE], new Int32Array(SIDE)),
      },
      new Map(),
    );
    expected.data.forEach((value, k) => {
      expect(images.data[k]).toBeCloseTo(value, 5);
    });
    expect(scalars).toEqual(encoder.logitScalars);
    await encoder.dispose();
  });
});
