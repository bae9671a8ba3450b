import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLog } from '../../../src/train/run/log/log.ts';
import { stageDir } from '../../../src/train/run/stageTree.ts';
import { stageObjective } from '../../../src/train/timeline/stageObjective.ts';
import { stageSchedules } from '../../../src/train/timeline/stageSchedule.ts';
import type { StageSpec } from '../../../src/train/timeline/timeline.ts';
import { type TimelineData, timelineRun } from '../../../src/train/timeline/timelineRun.ts';
import { batchAt, data, ends, folder, run, timeline } from './tinyRun.ts';

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

  // The full suite stops all of it, where the teacher has begun too.
  it('stopped among NaFlex lengths, ends in the same bits', async () => {
    const [whole, broken] = [join(folder, 'whole'), join(folder, 'broken')];
    cpSync(whole, broken, { recursive: true });
    const stages = timelineRun(timeline, data, { seed: 1 });
    rmSync(stageDir(broken, stages, 3), { recursive: true });
    expect((await run('broken', ['naflex', 3])).finished).toBe(false);
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
