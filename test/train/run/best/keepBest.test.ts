import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bestState, readMeasurements } from '../../../../src/train/run/best/keepBest.ts';
import { latestState } from '../../../../src/train/run/states.ts';
import { train } from '../../../../src/train/run/trainer.ts';
import { trainStages } from '../../../../src/train/run/trainStages.ts';
import type { TrainState } from '../../../../src/train/step/state/state.ts';
import { regressionPlan } from '../../regression.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-best-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const session = { threads: 1 };
/** Values by step: the best is in the middle, and comes twice. */
const VALUES: Readonly<Record<number, number>> = { 2: 0.2, 4: 0.9, 6: 0.9, 8: 0.5, 9: 0.4 };

/** Nine steps, measured after every second and the last; remembers what was measured. */
function measured(values = VALUES) {
  const seen: [number, TrainState][] = [];
  const plan = {
    ...regressionPlan(9),
    heldOut: {
      every: 2,
      async measure(parameters: TrainState, step: number) {
        seen.push([
          step,
          new Map([...parameters].map(([name, a]) => [name, { ...a, data: a.data.slice() }])),
        ]);
        return values[step]!;
      },
    },
  };
  return { plan, seen };
}

const steps = (seen: readonly [number, TrainState][]) => seen.map(([step]) => step);

describe('the best state of a run', () => {
  it('is that of the latest of the best measurements, and the last is kept beside it', async () => {
    const { plan, seen } = measured();
    const runDir = join(folder, 'whole');
    const result = await train(plan, { runDir, saveEvery: 3, session });
    expect(steps(seen)).toEqual([2, 4, 6, 8, 9]);
    expect(result.best).toMatchObject({ step: 6, value: 0.9 });
    expect(await result.best!.parameters()).toEqual(seen[2]![1]);
    expect(await readMeasurements(runDir)).toEqual(
      [2, 4, 6, 8, 9].map((step) => ({ step, value: VALUES[step] })),
    );
    expect((await latestState(runDir))!.step).toBe(9);
    // Measuring changes nothing.
    const { heldOut: _, ...plain } = plan;
    const without = await train(plain, { runDir: join(folder, 'plain'), saveEvery: 3, session });
    expect(without.state).toEqual(result.state);
    expect(without.best).toBeUndefined();
    expect(readdirSync(join(folder, 'plain'))).not.toContain('best.safetensors');
  });

  it('is that of the lowest where lower is better, and of its metric alone', async () => {
    const { plan } = measured();
    const runDir = join(folder, 'lowest');
    const lowest = (metric: string) => ({
      ...plan,
      heldOut: {
        ...plan.heldOut,
        metric,
        measure: async (_: TrainState, step: number) => ({ value: VALUES[step]!, lowerIsBetter: true }),
      },
    });
    const { best } = await train(lowest('error'), { runDir, saveEvery: 3, session });
    expect(best).toMatchObject({ step: 2, value: 0.2 });
    // Only the end is measured anew by another metric.
    const other = await train(lowest('other'), { runDir, saveEvery: 3, session });
    expect(other.best).toMatchObject({ step: 9, value: 0.4 });
    expect(await readMeasurements(runDir)).toEqual([
      { step: 9, value: 0.4, lowerIsBetter: true, metric: 'other' },
    ]);
  });

  it.each([1, 2, 4, 5, 6, 7, 8])(
    'is the same, to the bit, where a run was killed after step %i',
    async (killedAt) => {
      const runDir = join(folder, `killed-${killedAt}`);
      const { plan, seen } = measured();
      const killed = train(plan, {
        runDir,
        saveEvery: 3,
        session,
        onProgress: ({ step }) => {
          if (step === killedAt) throw new Error('killed');
        },
      });
      await expect(killed).rejects.toThrow('killed');
      const { best } = await train(plan, { runDir, saveEvery: 3, session });
      const whole = (await bestState(join(folder, 'whole')))!;
      expect(best).toMatchObject({ step: 6, value: 0.9 });
      expect(await best!.parameters()).toEqual(await whole.parameters());
      expect(
        readFileSync(join(runDir, 'best.safetensors')).equals(
          readFileSync(join(folder, 'whole/best.safetensors')),
        ),
      ).toBe(true);
      expect((await readMeasurements(runDir)).map(({ step }) => step)).toEqual([2, 4, 6, 8, 9]);
      // The same command again measures nothing and gives the same.
      const before = seen.length;
      const again = await train(plan, { runDir, saveEvery: 3, session });
      expect([again.best!.step, seen.length]).toEqual([6, before]);
    },
  );

  it('is looked for where a run was killed between saving and measuring', async () => {
    const runDir = join(folder, 'unmeasured');
    const failing = measured();
    failing.plan.heldOut.measure = async () => {
      throw new Error('the evaluation failed');
    };
    await expect(train(failing.plan, { runDir, saveEvery: 2, session })).rejects.toThrow('evaluation failed');
    expect((await latestState(runDir))!.step).toBe(2);
    const { plan, seen } = measured();
    expect((await train(plan, { runDir, saveEvery: 2, session })).best!.step).toBe(6);
    expect(steps(seen)).toEqual([2, 4, 6, 8, 9]);
  });

  it('reaches whoever saves the models of a run of stages, also of one that is finished', async () => {
    const runDir = join(folder, 'stages');
    const { plan, seen } = measured();
    const stages = [{ name: 'only', training: plan }] as const;
    const models: (number | undefined)[] = [];
    const run = () =>
      trainStages(stages, {
        runDir,
        saveEvery: 3,
        session,
        onModel: async (_stage, _index, { best }) => void models.push(best?.step),
      });
    await run();
    await run();
    expect([models, seen.length]).toEqual([[6, 6], 5]);
    // A kill before the last measurement: it is made up for.
    const lines = readFileSync(join(runDir, '1-only/held-out.jsonl'), 'utf8').split('\n');
    writeFileSync(join(runDir, '1-only/held-out.jsonl'), `${lines.slice(0, 4).join('\n')}\n{"step": 9, "val`);
    await run();
    expect([models.at(-1), seen.length]).toEqual([6, 6]);
  });

  it('refuses what is no number, and steps that are none', async () => {
    const { plan } = measured({ 2: Number.NaN });
    await expect(train(plan, { runDir: join(folder, 'nan'), saveEvery: 9, session })).rejects.toThrow(
      'the measurement after step 2 is NaN',
    );
    const none = { ...plan, heldOut: { ...plan.heldOut, every: 0 } };
    await expect(train(none, { runDir: join(folder, 'none'), saveEvery: 9, session })).rejects.toThrow(
      /heldOut\.every/,
    );
  });
});
