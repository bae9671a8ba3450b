import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { endTemporary, temporaryBeside } from '../../../src/checkpoint/files/leftovers.ts';
import { writeSafetensors } from '../../../src/checkpoint/safetensors/writer.ts';
import { float32 } from '../../../src/tensor/index.ts';
import { assertFinite, TrainingDivergedError } from '../../../src/train/run/diverged.ts';
import {
  assertRoom,
  openRunFolder,
  RunFolderError,
  takeRunFolder,
  writing,
} from '../../../src/train/run/folder.ts';
import { latestState, savedSteps, saveState, statePath } from '../../../src/train/run/states.ts';
import { train } from '../../../src/train/run/trainer.ts';
import { trainStages } from '../../../src/train/run/trainStages.ts';
import { batchAt, regressionPlan } from '../regression.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-run-folder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const full = () =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
const state = (value: number) => new Map([['a', float32([1], [value])]]);

describe('a run folder', () => {
  it('that cannot be written is refused before the run', async () => {
    writeFileSync(join(folder, 'file'), '');
    const runDir = join(folder, 'file', 'run');
    await expect(openRunFolder(runDir)).rejects.toThrow(RunFolderError);
    const plan = {
      ...regressionPlan(2),
      batchAt: () => {
        throw new Error('a batch was asked for');
      },
    };
    await expect(train(plan, { runDir, saveEvery: 1 })).rejects.toThrow(
      /run cannot be written .*use another --run/,
    );
    await openRunFolder(join(folder, 'fine'));
    expect(readdirSync(join(folder, 'fine'))).toEqual([]);
  });

  it('is one trainer’s: a second one is refused by name, and what a killed one left is removed', async () => {
    const runDir = join(folder, 'taken');
    const plan = regressionPlan(2);
    const options = { runDir, saveEvery: 1, session: { threads: 1 } };
    const lock = await takeRunFolder(runDir);
    const second = new RegExp(
      `taken belongs to process ${process.pid} on .+, which trains in it since \\d{4}-.*; wait for its end or stop it`,
    );
    await expect(train(plan, options)).rejects.toThrow(second);
    await expect(
      trainStages([{ name: 'first', training: plan }], { ...options, onModel: async () => {} }),
    ).rejects.toThrow(second);
    // Under the hold that the caller has it goes on; under one that was lost it does not.
    expect((await train(plan, { ...options, lock })).step).toBe(2);
    await lock.release();
    rmSync(statePath(runDir, 2));
    rmSync(statePath(runDir, 1));
    await expect(train(plan, { ...options, lock })).rejects.toThrow(/was taken over by another process/);
    expect(await savedSteps(runDir)).toEqual([]);
    const half = temporaryBeside(statePath(runDir, 1));
    endTemporary(half);
    writeFileSync(half, 'half');
    expect((await train(plan, options)).step).toBe(2);
    expect(readdirSync(runDir).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('with too little room is refused before the run', async () => {
    await expect(assertRoom(folder, 3e9, async () => 1e9)).rejects.toThrow(
      /needs 3\.00 GB for its saved states, and .* has 1\.00 GB left; free space/,
    );
    await assertRoom(folder, 1e9, async () => 1e9);
    // Some network file systems do not say.
    await assertRoom(folder, 1e9, async () => undefined);
    await assertRoom(folder, 1);
  });

  it('on a full disk gives up older states first, and never the newest', async () => {
    const runDir = join(folder, 'full');
    for (const step of [1, 2]) await saveState(runDir, step, state(step));
    let tries = 0;
    await saveState(runDir, 3, state(3), async (...args) => {
      if (++tries === 1) throw full();
      await writeSafetensors(...args);
    });
    expect(await savedSteps(runDir)).toEqual([2, 3]);
    const never = () => Promise.reject(full());
    await expect(saveState(runDir, 4, state(4), never)).rejects.toThrow(/ENOSPC/);
    expect(await savedSteps(runDir)).toEqual([3]);
    await expect(saveState(runDir, 4, state(4), never)).rejects.toThrow(/ENOSPC/);
    expect((await latestState(runDir))!.state).toEqual(state(3));
    expect(readdirSync(runDir)).toHaveLength(1);
  });

  it('says what failed and what is kept', async () => {
    const failed = writing(
      'the state of step 4',
      async () => 'the last good state is that of step 3',
      () => Promise.reject(full()),
    );
    await expect(failed).rejects.toThrow(
      'the state of step 4 cannot be written: the disk is full. the last good state is that of step 3',
    );
  });
});

describe('a run that diverges', () => {
  const check = (loss: number, gradientNorm: number, metrics: Record<string, number>) => () =>
    assertFinite({ loss, gradientNorm, metrics }, 7, async () => 'the last good state is x');

  it('names the part of the loss that is no number', async () => {
    await check(1, 1, { sigmoid: 1, locca: 0 })();
    await expect(check(Number.NaN, Number.NaN, { sigmoid: 1, locca: Number.NaN })()).rejects.toThrow(
      'step 7: loss NaN (locca NaN), gradient norm NaN; the last good state is x.',
    );
    await expect(
      check(Number.NaN, 1, { sigmoid: Number.POSITIVE_INFINITY, locca: Number.NEGATIVE_INFINITY })(),
    ).rejects.toThrow('(sigmoid Infinity, locca -Infinity)');
    await expect(check(1, Number.NaN, { sigmoid: 1 })()).rejects.toThrow(
      '(every reported part is finite), gradient norm NaN',
    );
    await expect(check(Number.NaN, 1, {})()).rejects.toThrow('step 7: loss NaN, gradient norm 1');
    await expect(check(1, 1, { sigmoid: Number.NaN })()).rejects.toThrow(TrainingDivergedError);
  });

  it('in a later stage names the state that the stage started from', async () => {
    const plan = {
      ...regressionPlan(2),
      batchAt: (step: number) => ({ ...batchAt(step), x: float32([4, 3], Array(12).fill(Number.NaN)) }),
    };
    const run = train(plan, {
      runDir: join(folder, 'late'),
      saveEvery: 1,
      startedFrom: 'runs/x/1-first/state-4',
    });
    await expect(run).rejects.toThrow(/step 1: .*the last good state is runs\/x\/1-first\/state-4/);
  });
});
