import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { stageCosts } from '../../../../src/train/cost/stageCost.ts';
import { train } from '../../../../src/train/run/trainer.ts';
import { factorAt, type Training, trainingNotice } from '../../../../src/train/run/training.ts';
import { PAPER_OPTIMIZER } from '../../../../src/train/step/optimizer/config.ts';
import type { Schedule } from '../../../../src/train/step/optimizer/schedule.ts';
import { batchAt, FIRST, regression } from '../../regression.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-schedule-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const planWith = (schedule: Schedule): Training => ({
  objective: regression(),
  optimizer: { ...PAPER_OPTIMIZER, learningRate: 0.1 },
  schedule,
  seed: 0,
  batchAt,
});

describe('a warm-up', () => {
  it('that would not end within the run is cut, so that a run of any length learns at its rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 600 }), (totalSteps, more) => {
        const plan = planWith({ totalSteps, warmupSteps: totalSteps + more });
        const largest = Math.max(...Array.from({ length: totalSteps }, (_, step) => factorAt(plan, step)));
        // Where the warm-up ends the cosine has hardly begun.
        expect(largest).toBeGreaterThan(0.9);
        expect(trainingNotice(plan)).toMatch(
          `the warm-up of ${totalSteps + more} steps would not end within ${totalSteps}; it is cut to ${Math.floor(totalSteps / 10)}`,
        );
      }),
    );
  });

  it('that ends within the run is what was asked for', () => {
    const plan = planWith({ totalSteps: 10, warmupSteps: 9 });
    expect(factorAt(plan, 3)).toBeCloseTo(3 / 9, 12);
    expect(trainingNotice(plan)).toBeUndefined();
  });

  it('as long as the run of one step trains, and says that it was cut', async () => {
    const plan = planWith({ totalSteps: 1, warmupSteps: 1 });
    const notices: (string | undefined)[] = [];
    const before = new Float32Array(12).fill(0.5);
    const { state } = await train(
      { ...plan, initial: new Map([[FIRST, { dtype: 'float32', shape: [3, 4], data: before.slice() }]]) },
      {
        runDir: folder,
        saveEvery: 1,
        session: { threads: 1 },
        onProgress: ({ notice }) => notices.push(notice),
      },
    );
    expect(notices).toEqual(['the warm-up of 1 steps would not end within 1; it is cut to 0']);
    expect(state.get(FIRST)!.data).not.toEqual(before);
  });

  it('is said by a plan, as is a single step at a rate of 0', () => {
    const noticesOf = (plan: Training) =>
      stageCosts([{ name: 'only', training: plan }]).map(({ notice }) => notice);
    expect(noticesOf(planWith({ totalSteps: 5, warmupSteps: 7 }))).toEqual([
      'the warm-up of 7 steps would not end within 5; it is cut to 0',
    ]);
    const part = { steps: 1, from: 0, to: 8 };
    expect(noticesOf({ ...planWith({ totalSteps: 8, warmupSteps: 2 }), part })).toEqual([
      expect.stringMatching(/learning rate is 0: it learns nothing/),
    ]);
  });
});
