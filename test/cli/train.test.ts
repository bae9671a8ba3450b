import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, test } from 'vitest';
import { load } from '../../src/encoder.ts';
import { readLog } from '../../src/train/runLog.ts';
import { latestState } from '../../src/train/runState.ts';
import { temporaryFolder } from './temporary.ts';
import { cli } from './testIo.ts';

const folder = temporaryFolder();
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const RECIPE = join(import.meta.dirname, 'tinyRecipe.ts');
const STEPS = 15;
/** Folder of the recipe's only stage. */
const STAGE = '1-noise';

const trainArgs = (run: string, ...more: string[]) => [
  'train',
  RECIPE,
  '--run',
  join(folder, run),
  '--threads',
  '1',
  ...more,
];

/** Starts the command in a process of its own and sends `signal` when it reports `step`. */
function runUntil(run: string, step: number, signal: NodeJS.Signals) {
  const args = ['--import', 'tsx', MAIN, ...trainArgs(run, '--json')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  createInterface(child.stdout).on('line', (line) => {
    if (JSON.parse(line).step === step) child.kill(signal);
  });
  return new Promise<{ code: number | null; signal: string | null; err: string }>((resolve) => {
    child.on('close', (code, killedBy) => resolve({ code, signal: killedBy, err }));
  });
}

/** Every parameter and moment at the end of a run, and the bytes of the model. */
async function outcome(run: string) {
  const { step, state } = (await latestState(join(folder, run, STAGE)))!;
  const model = readFileSync(join(folder, run, 'model/model.safetensors'));
  return { step, state: [...state].sort(([a], [b]) => (a < b ? -1 : 1)), model };
}

describe('siglip2 train', () => {
  beforeAll(async () => {
    const { code, out, err } = await cli(trainArgs('whole'));
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^preparing\nstep 1\/15 {2}loss /) });
    expect(out).toBe(`15 steps done; the model is in ${join(folder, 'whole/model')}\n`);
  }, 60_000);

  test('trains, logs every step and saves a model that loads', async () => {
    const { step, state } = await outcome('whole');
    expect(step).toBe(STEPS);
    // Parameters moved away from the start, or the comparisons below would prove nothing.
    const bias = state.find(([name]) => name === 'logit_bias')![1].data[0]!;
    expect(Math.abs(bias + 10)).toBeGreaterThan(1e-3);
    const log = await readLog(join(folder, 'whole', STAGE));
    expect(log.map((entry) => entry.step)).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
    const encoder = await load(join(folder, 'whole/model'), { threads: 1 });
    expect((await encoder.embedTexts(['a cat'])).shape).toEqual([1, 32]);
    await encoder.dispose();
  });

  test('a run that is interrupted and killed ends in the same bits', async () => {
    const interrupted = await runUntil('broken', 2, 'SIGINT');
    expect(interrupted.code).toBe(130);
    expect(interrupted.err).toContain(
      `continue with: siglip2 train ${RECIPE} --run ${join(folder, 'broken')}`,
    );
    const saved = (await latestState(join(folder, 'broken', STAGE)))!.step;
    // The step in flight is finished; the pause of the data leaves no time for many more.
    expect(saved).toBeGreaterThanOrEqual(2);
    expect(saved).toBeLessThan(8);
    // After the state of step 8, before that of step 12; then a step at random.
    const first = await runUntil('broken', 9, 'SIGKILL');
    expect(first.signal).toBe('SIGKILL');
    const random = 9 + Math.floor(Math.random() * 5);
    const second = await runUntil('broken', random, 'SIGKILL');
    expect(second.signal, `killed at step ${random}`).toBe('SIGKILL');
    expect((await cli(trainArgs('broken'))).code).toBe(0);

    expect(await outcome('broken'), `killed at step ${random}`).toEqual(await outcome('whole'));
    const losses = async (run: string) =>
      (await readLog(join(folder, run, STAGE))).map(({ step, loss }) => ({ step, loss }));
    expect(await losses('broken')).toEqual(await losses('whole'));
  });

  test('another seed or number of steps gives another model; a run keeps its own', async () => {
    expect((await cli(trainArgs('other', '--seed', '1', '--steps', '2'))).code).toBe(0);
    expect(readdirSync(join(folder, 'other', STAGE))).toContain('state-00000002.safetensors');
    const again = await cli(trainArgs('other', '--seed', '2'));
    expect([again.code, again.err]).toEqual([
      1,
      expect.stringMatching(/run with seed 1, not 2; use another --run/),
    ]);
    // Without options the run's own settings hold: it is finished.
    expect((await cli(trainArgs('other'))).out).toMatch(/^2 steps done/);
  });

  test('prints one JSON object a step', async () => {
    const { json } = await cli(trainArgs('json', '--steps', '2', '--json'));
    expect(json()).toMatchObject([
      { step: 1, totalSteps: 2, loss: expect.any(Number), eta: expect.any(Number) },
      { step: 2 },
      { finished: true, step: 2, model: join(folder, 'json/model') },
    ]);
  });

  test('shows a bar on a terminal', async () => {
    const { err } = await cli(trainArgs('bar', '--steps', '2'), { terminal: true });
    expect(err).toMatch(/█+ step 2\/2 {2}loss \d+\.\d{4} {2}\d.* steps\/s {2}ETA 0s/);
  });

  test('says what is wrong with a recipe', async () => {
    const module = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const failure = async (file: string) => {
      const { code, err } = await cli(['train', file, '--run', join(folder, 'bad')]);
      expect(err.trimEnd().split('\n')).toHaveLength(1);
      return [code, err];
    };
    expect(await failure('none.ts')).toEqual([1, expect.stringMatching(/none\.ts: no such file/)]);
    const empty = module('empty.mjs', 'export const x = 1;');
    expect(await failure(empty)).toEqual([1, expect.stringMatching(/no default export/)]);
    const partial = module('partial.mjs', 'export default { name: "x", description: "", saveEvery: 0 };');
    expect(await failure(partial)).toEqual([1, expect.stringMatching(/no Recipe: saveEvery/)]);
    const broken = module('broken.mjs', 'throw new Error("no data");');
    expect(await failure(broken)).toEqual([1, expect.stringMatching(/cannot be loaded \(no data\)/)]);
    const { code, err } = await cli(['train', RECIPE]);
    expect([code, err]).toEqual([2, expect.stringMatching(/--run/)]);
  });
});
