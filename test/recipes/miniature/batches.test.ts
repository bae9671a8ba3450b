import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ablationTimeline } from '../../../bench/ablation/timelines.ts';
import { drawCaptions } from '../../../datasets/emoji/scenes/captions.ts';
import { miniatureBatches } from '../../../recipes/miniature/batches.ts';
import { chooseConcepts } from '../../../recipes/miniature/concepts.ts';
import { type MiniatureData, prepareData } from '../../../recipes/miniature/data.ts';
import { SMALL } from '../../../recipes/miniature/settings.ts';
import { MINIATURE_FORMAT } from '../../../recipes/miniature/vocabulary.ts';
import { findBox, formatBox } from '../../../src/input/text/locca/boxText.ts';
import type { Arrays, NdArray, Tensor } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { stageObjective } from '../../../src/train/timeline/stageObjective.ts';
import { stageSchedules } from '../../../src/train/timeline/stageSchedule.ts';
import { tinySettings } from './tinySettings.ts';

const settings = tinySettings;
let data: MiniatureData;
beforeAll(async () => {
  data = await prepareData(settings, await mkdtemp(join(tmpdir(), 'miniature-')));
}, 60_000);

const described = (entries: readonly (readonly [string, NdArray | Tensor])[]) =>
  Object.fromEntries(entries.map(([name, { dtype, shape }]) => [name, `${dtype} ${shape.join('×')}`]));

describe('the miniature’s batches', () => {
  it('are what each stage’s objective takes, and the same each time', () => {
    const timeline = ablationTimeline(settings, { vocabSize: data.tokenizer.vocabSize, teacher: 't' });
    const batchAt = miniatureBatches(data, timeline, 3);
    for (const stage of stageSchedules(timeline, 3)) {
      const { spec, draws, superBatch } = stage;
      const { length } = draws?.at(0) ?? {};
      const request = { stage, step: 0, images: superBatch, ...(length !== undefined && { length }) };
      const batch: Arrays = batchAt(request);
      const { inputs } = stageObjective(
        // A super-batch is as many pairs, of which a batch is chosen.
        timeline,
        spec,
        { images: superBatch, ...(length !== undefined && { length }) },
      );
      expect(described(Object.entries(batch)), spec.name).toEqual(described(Object.entries(inputs)));
      expect(batchAt(request), spec.name).toEqual(batch);
      expect(batchAt({ ...request, step: 1 })['input_ids'], spec.name).not.toEqual(batch['input_ids']);
    }
  });

  it('show variants the same scenes at one place of the schedule, and other scenes to other seeds', () => {
    const timeline = ablationTimeline(settings, { vocabSize: data.tokenizer.vocabSize, teacher: 't' });
    const stages = stageSchedules(timeline, 0);
    const first = (name: string, seed: number) => {
      const stage = stages.find(({ spec }) => spec.name === name)!;
      return miniatureBatches(data, timeline, seed)({ stage, step: 0, images: 4 })['pixel_values'];
    };
    expect(first('self-distillation', 0)).toEqual(first('pretraining-to-90', 0));
    expect(first('self-distillation', 0)).not.toEqual(first('self-distillation', 1));
    expect(first('continuation', 0)).not.toEqual(first('pretraining', 0));
  });
});

describe('the miniature’s vocabulary', () => {
  it('writes every caption of training in whole pieces', () => {
    const { tokenizer } = data;
    const scenes = data.trainScenes(0);
    const bytes = tokenizer.pieceIds('\u{10ffff}');
    for (let i = 0; i < 40; i++) {
      for (const { text } of drawCaptions(scenes.vocabulary, scenes.sceneAt(i), 2, createRandom(i))) {
        const ids = tokenizer.pieceIds(text);
        expect(tokenizer.decode(ids)).toBe(text.toLowerCase());
        expect(ids.some((id) => bytes.includes(id))).toBe(false);
      }
    }
  });

  it('writes boxes', () => {
    const box = { y1: 0.1, x1: 0, y2: 0.55, x2: 1 };
    const text = formatBox(box, MINIATURE_FORMAT.box);
    expect(text).toBe('1 0 5 9');
    const ids = data.tokenizer.pieceIds(` ${text}`);
    expect(findBox(data.tokenizer.decode(ids), MINIATURE_FORMAT.box)!.x2).toBe(1);
  });
});

describe('chooseConcepts', () => {
  it('chooses the same, of which fewer are the first', async () => {
    const [few, many] = [await chooseConcepts(5), await chooseConcepts(9)];
    expect(many.slice(0, 5)).toEqual(few);
    expect(new Set(many).size).toBe(9);
    await expect(chooseConcepts(0)).rejects.toThrow(/concepts is 0; use an integer from 1 to \d+/);
    expect(SMALL.concepts).toBeLessThan(200);
  });
});
