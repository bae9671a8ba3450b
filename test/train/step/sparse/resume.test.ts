import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32 } from '../../../../src/tensor/index.ts';
import { latestState } from '../../../../src/train/run/states.ts';
import { type TrainResult, train } from '../../../../src/train/run/trainer.ts';
import type { Training } from '../../../../src/train/run/training.ts';
import { createStep } from '../../../../src/train/step/createStep.ts';
import {
  behindEntries,
  caughtUp,
  pastUpdates,
  readRowTable,
} from '../../../../src/train/step/sparse/behind.ts';
import type { PastUpdate } from '../../../../src/train/step/sparse/catchUp.ts';
import { caughtUpValues } from '../../../../src/train/step/sparse/caughtUpValues.ts';
import { createRowTable } from '../../../../src/train/step/sparse/rowTable.ts';
import { initialState, type TrainState } from '../../../../src/train/step/state/state.ts';
import { createDenseStep } from '../../../../src/train/step/step.ts';
import { batchAt, copy, embedding, optimizer, ROWS, TABLE } from '../../embedding.ts';

const STEPS = 24;
const objective = embedding();
const plan: Training = {
  objective,
  optimizer,
  schedule: { totalSteps: STEPS, warmupSteps: 2 },
  seed: 3,
  batchAt,
};
const session = { sparse: true, threads: 1 };

let folder: string;
/** The end of a run that nothing stops. */
let whole: TrainState;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rows-'));
  whole = copy((await train(plan, { runDir: join(folder, 'whole'), saveEvery: 5, session })).state);
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs on in a folder; Ctrl-C comes during step `stopAt`. */
async function runOn(name: string, saveEvery: number, stopAt?: number): Promise<TrainResult> {
  const stop = new AbortController();
  return train(plan, {
    runDir: join(folder, name),
    saveEvery,
    session,
    signal: stop.signal,
    onProgress: ({ step }) => step === stopAt && stop.abort(),
  });
}

/** A run that ends in the middle of step `at`, without a chance to save. */
async function killed(name: string, saveEvery: number, at: number): Promise<void> {
  const batches = (step: number) => {
    if (step === at) throw new Error('killed');
    return batchAt(step);
  };
  const run = train({ ...plan, batchAt: batches }, { runDir: join(folder, name), saveEvery, session });
  await expect(run).rejects.toThrow('killed');
}

describe('a run whose table is updated by rows ends in the same bits', () => {
  it('when it is stopped at any step, saved anyway or not', async () => {
    for (const step of [1, 3, 5, 6, 14, 23]) {
      expect((await runOn('stopped', 5, step)).step).toBe(step);
      const { state } = (await latestState(join(folder, 'stopped')))!;
      // From the third step on some row has missed an update; saved up to date, it would be rounded otherwise.
      if (step >= 3) expect(caughtUp(state).get(TABLE)).not.toEqual(state.get(TABLE));
    }
    const { finished, state } = await runOn('stopped', 5);
    expect(finished).toBe(true);
    expect(copy(state)).toEqual(whole);
    // What is saved at the end is a state like any other.
    expect((await latestState(join(folder, 'stopped')))!.state).toEqual(whole);
  });

  it('when it is killed at any step, and however often it saves', async () => {
    await killed('killed', 7, 4);
    await killed('killed', 7, 13);
    await runOn('killed', 7, 16);
    await killed('killed', 3, 22);
    expect((await latestState(join(folder, 'killed')))!.step).toBe(21);
    expect(copy((await runOn('killed', 100)).state)).toEqual(whole);
  });

  it('when its model is measured on the way, which is that of the moment and changes nothing', async () => {
    const measured: TrainState[] = [];
    const heldOut = {
      every: 5,
      measure: async (parameters: TrainState) => measured.push(copy(parameters)),
    };
    const runDir = join(folder, 'measured');
    const stop = new AbortController();
    const { best } = await train(
      { ...plan, heldOut },
      {
        runDir,
        saveEvery: 5,
        session,
        signal: stop.signal,
        onProgress: ({ step }) => step === 21 && stop.abort(),
      },
    );
    const names = [...objective.parameters.keys()];
    const saved = (await latestState(runDir))!.state;
    for (const rows of [2, 1000]) {
      const before = copy(saved);
      const values = caughtUpValues(saved, names, rows);
      for (const name of names) expect(values.get(name)).toEqual(caughtUp(saved).get(name));
      expect(saved).toEqual(before);
    }
    // The state of step 20 is still there too.
    expect(best!.step).toBe(20);
    expect(await best!.parameters()).toEqual(measured[3]);
    expect(measured[3]!.get(TABLE)).not.toEqual(saved.get(TABLE));
    const { state } = await train({ ...plan, heldOut }, { runDir, saveEvery: 5, session });
    expect(copy(state)).toEqual(whole);
    expect(measured).toHaveLength(5);
  });
});

/** A state after some steps as training goes on from it, and as a model is made of it. */
async function interim() {
  const step = await createStep(objective, optimizer, initialState(objective, 3), session);
  for (let i = 0; i < 8; i++) await step.run(batchAt(i), i, 1);
  const resumable = copy(step.resumable());
  const state = copy(step.state());
  await step.dispose();
  return { resumable, state };
}

describe('a state whose rows are behind', () => {
  it('is brought up to date where the whole table is read', async () => {
    const { resumable, state } = await interim();
    expect(caughtUp(resumable)).toEqual(state);
    expect(caughtUp(state)).toBe(state);
    const dense = await createStep(objective, optimizer, resumable, { sparse: false });
    expect(copy(dense.state())).toEqual(state);
    await dense.dispose();
    // The plain step knows nothing of rows, and must not take them as they are.
    await expect(createDenseStep(objective, optimizer, resumable)).rejects.toThrow('have missed updates');
  });

  it('is refused where it says what cannot be', async () => {
    const { resumable } = await interim();
    const counts = new Float32Array(ROWS);
    counts[7] = 9;
    const wrong = new Map(resumable).set(`rows_behind.${TABLE}`, float32([ROWS], counts));
    await expect(createStep(objective, optimizer, wrong, session)).rejects.toThrow(
      /rows_behind.*row 7 has missed 9 updates of/,
    );
  });

  it('may have several tables, with as many past updates as the last row needs', () => {
    const past: PastUpdate[] = [1, 2, 3, 4, 5].map((rate) => ({ rate, epsilon: rate / 8 }));
    const part = (fill: number) => float32([3, 2], new Float32Array(6).fill(fill));
    const state: TrainState = new Map(
      ['a', 'b'].flatMap((name) =>
        ['', 'first_moment.', 'second_moment.'].map((prefix) => [prefix + name, part(0.25)] as const),
      ),
    );
    const table = (name: string, seen: number[]) => {
      const made = createRowTable(state, name, [3, 2]);
      made.seen.set(seen);
      return [name, made] as const;
    };
    const tables = new Map([table('a', [5, 2, 4]), table('b', [5, 5, 3])]);
    // A row without moments misses nothing, however long ago it was read.
    tables.get('b')!.seen[0] = 0;
    tables.get('b')!.moving[0] = 0;
    const saved: TrainState = new Map([...state, ...behindEntries(tables, past, optimizer)]);
    const known = pastUpdates(saved);
    expect(known).toEqual(past.slice(2));
    const missed = (name: string) =>
      [...readRowTable(saved, name, [3, 2], known).seen].map((seen) => known.length - seen);
    expect(missed('a')).toEqual([0, 3, 1]);
    expect(missed('b')).toEqual([0, 0, 2]);
  });
});
