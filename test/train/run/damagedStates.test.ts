import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';
import { writeSafetensors } from '../../../src/checkpoint/safetensors/writer.ts';
import { float32 } from '../../../src/tensor/index.ts';
import { latestState, savedSteps, saveState, statePath } from '../../../src/train/run/states.ts';
import { train } from '../../../src/train/run/trainer.ts';
import { trainStages } from '../../../src/train/run/trainStages.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';
import { batchAt, regression } from '../regression.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-damaged-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plan = (totalSteps: number) => ({
  objective: regression(),
  optimizer: PAPER_OPTIMIZER,
  schedule: { totalSteps: 8, warmupSteps: 0 },
  part: { steps: totalSteps, from: 0, to: totalSteps },
  seed: 0,
  batchAt,
});

/** Trains to the end, and to the same bits, from whatever is in the folder. */
async function finish(runDir: string) {
  const notices: string[] = [];
  const options = { saveEvery: 2, session: { threads: 1 }, onNotice: (text: string) => notices.push(text) };
  const { state, step } = await train(plan(8), { ...options, runDir });
  return { state: new Map(state), step, notices };
}

const whole = finish(join(folder, 'whole'));

/** A run with states of steps 4 and 6. */
async function interrupted(name: string): Promise<string> {
  const runDir = join(folder, name);
  await train(plan(8), { runDir, saveEvery: 2, session: { threads: 1 } });
  const { state } = (await latestState(runDir))!;
  rmSync(runDir, { recursive: true });
  const stop = new AbortController();
  await train(plan(8), {
    runDir,
    saveEvery: 2,
    session: { threads: 1 },
    signal: stop.signal,
    onProgress: ({ step }) => step === 6 && stop.abort(),
  });
  expect(await savedSteps(runDir)).toEqual([4, 6]);
  expect(state.size).toBeGreaterThan(0);
  return runDir;
}

async function flipFirst(path: string): Promise<string> {
  const file = await openSafetensors(path);
  const [name, { offset }] = [...file.tensors][0]!;
  await file.close();
  const bytes = readFileSync(path);
  bytes[offset]! ^= 1;
  writeFileSync(path, bytes);
  return name;
}

it.each([
  [
    'a flipped bit',
    async (path: string) => void (await flipFirst(path)),
    /tensor ".*" is not what was saved/,
  ],
  ['a cut-off file', (path: string) => truncateSync(path, 200), /is cut off/],
  [
    'a state of another step',
    (path: string) => copyFileSync(path.replace('006', '004'), path),
    /is the state of step 4 under the name of another/,
  ],
  [
    'a state with NaN',
    (path: string) => writeSafetensors(path, { a: float32([1], [Number.NaN]) }, { metadata: { step: '6' } }),
    /tensor "a" holds NaN/,
  ],
])(
  'after %s a run goes on from the state before it, says so, and ends in the same bits',
  async (name, damage, reason) => {
    const runDir = await interrupted(name);
    const newest = statePath(runDir, 6);
    await damage(newest);
    const { state, step, notices } = await finish(runDir);
    expect(notices[0]).toMatch(/state-00000006\.safetensors: /);
    expect(notices[0]).toMatch(reason);
    expect(notices[0]).toMatch(/kept as state-00000006\.safetensors\.damaged, and an older state is used/);
    expect(notices[1]).toBe('continuing after step 4');
    expect(existsSync(`${newest}.damaged`)).toBe(true);
    expect([step, state]).toEqual([8, (await whole).state]);
  },
);

it('a run of which no state is sound is not begun anew in silence', async () => {
  const runDir = await interrupted('none');
  for (const step of [4, 6]) await flipFirst(statePath(runDir, step));
  const before = readdirSync(runDir).sort();
  await expect(finish(runDir)).rejects.toThrow(
    /none: no saved state is sound \(.*state-00000006.*tensor ".*" is not what was saved.*; use another run folder/,
  );
  expect(readdirSync(runDir).sort()).toEqual(before);
});

it('a state with NaN is not saved', async () => {
  const runDir = join(folder, 'nan');
  await saveState(runDir, 1, new Map([['a', float32([1], [1])]]));
  const bad = new Map([['a', float32([2], [1, Number.POSITIVE_INFINITY])]]);
  await expect(saveState(runDir, 2, bad)).rejects.toThrow(
    /tensor "a" holds NaN or infinity \(first at element 1\)/,
  );
  expect(await savedSteps(runDir)).toEqual([1]);
});

it('a finished stage whose last state is damaged is finished again', async () => {
  const stages = [
    { name: 'first', training: plan(4) },
    { name: 'second', training: plan(4) },
  ] as const;
  const run = (name: string) =>
    trainStages(stages, { runDir: join(folder, name), saveEvery: 2, session: { threads: 1 } });
  const expected = new Map((await run('stages')).state);
  const last = statePath(join(folder, 'stages', '1-first'), 4);
  const kept = readFileSync(last);
  await flipFirst(last);
  rmSync(join(folder, 'stages', '2-second'), { recursive: true });
  expect((await run('stages')).state).toEqual(expected);
  expect(readFileSync(last).equals(kept)).toBe(true);
  renameSync(`${last}.damaged`, `${last}.looked-at`);
});
