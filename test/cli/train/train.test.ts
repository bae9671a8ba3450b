import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, test } from 'vitest';
import { load } from '../../../src/encoder/load.ts';
import { readLog } from '../../../src/train/run/log/log.ts';
import { latestState } from '../../../src/train/run/states.ts';
import { temporaryFolder } from '../temporary.ts';
import { cli } from '../testIo.ts';
import { STAGE_STEPS } from '../tinyRecipe.ts';

const folder = temporaryFolder();
const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');
const RECIPE = join(import.meta.dirname, '../tinyRecipe.ts');
/** Folders of the stages in a run. */
const STAGES = ['1-first', '2-second'] as const;

const trainArgs = (run: string, ...more: string[]) => [
  'train',
  RECIPE,
  '--run',
  join(folder, run),
  '--threads',
  '1',
  ...more,
];

/** Starts the command in a process of its own and sends `signal` when it reports a step of a stage. */
function runUntil(run: string, stage: string, step: number, signal: NodeJS.Signals) {
  const args = ['--import', 'tsx', MAIN, ...trainArgs(run, '--json')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  createInterface(child.stdout).on('line', (line) => {
    const progress = JSON.parse(line);
    if (progress.stage === stage && progress.step === step) child.kill(signal);
  });
  return new Promise<{ code: number | null; signal: string | null; err: string }>((resolve) => {
    child.on('close', (code, killedBy) => resolve({ code, signal: killedBy, err }));
  });
}

const stateOf = (run: string, stage: (typeof STAGES)[number]) => latestState(join(folder, run, stage));

/** Interrupts a new run in its first stage, and expects that it says how to continue. */
async function interrupt(run: string): Promise<void> {
  const { code, err } = await runUntil(run, 'first', 1, 'SIGTERM');
  expect(code).toBe(130);
  expect(err).toContain(`continue with: siglip2 train ${RECIPE} --run ${join(folder, run)}`);
  // The step in flight is finished and saved, although states are saved every four steps only.
  const saved = (await stateOf(run, '1-first'))!.step;
  expect(saved).toBeGreaterThanOrEqual(1);
  expect(saved).toBeLessThan(4);
}

const logsOf = async (run: string) =>
  (await Promise.all(STAGES.map((stage) => readLog(join(folder, run, stage)))))
    .flat()
    .map(({ step, loss }) => ({ step, loss }));

/** Every parameter and moment at the end of each stage, and the bytes of the model. */
async function outcome(run: string) {
  const states = await Promise.all(STAGES.map((stage) => stateOf(run, stage)));
  const model = readFileSync(join(folder, run, 'model/model.safetensors'));
  return { states: states.map((saved) => ({ step: saved?.step, state: saved?.state })), model };
}

describe('siglip2 train', () => {
  beforeAll(async () => {
    const { code, out, err } = await cli(trainArgs('whole'));
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(/^preparing\nfirst {2}step 1\/7 {2}loss /),
    });
    expect(out).toBe(`8 steps done; the model is in ${join(folder, 'whole/model')}\n`);
  }, 60_000);

  test('trains, logs every step and saves a model that loads', async () => {
    const { states } = await outcome('whole');
    expect(states.map(({ step }) => step)).toEqual(Object.values(STAGE_STEPS));
    // The parameters moved, or the comparisons below would prove nothing.
    const [first, second] = states.map(({ state }) => state!.get('logit_bias')!.data[0]!);
    expect(Math.abs(first! + 10)).toBeGreaterThan(1e-3);
    expect(Math.abs(second! - first!)).toBeGreaterThan(1e-3);
    expect((await logsOf('whole')).map(({ step }) => step)).toEqual(
      Object.values(STAGE_STEPS).flatMap((steps) => Array.from({ length: steps }, (_, i) => i + 1)),
    );
    const encoder = await load(join(folder, 'whole/model'), { threads: 1 });
    expect((await encoder.embedTexts(['a cat'])).shape).toEqual([1, 32]);
    await encoder.dispose();
  });

  test('a run that is interrupted and killed ends in the same bits', async () => {
    // With SIGTERM machines stop a process; Ctrl-C, SIGINT, is the same (finetune and embed are tested with it).
    await interrupt('broken');
    // Goes on in the first stage, and is killed at a random step of the second.
    const random = 1 + Math.floor(Math.random() * (STAGE_STEPS.second - 2));
    const message = `killed at step ${random} of the second stage`;
    expect((await runUntil('broken', 'second', random, 'SIGKILL')).signal, message).toBe('SIGKILL');
    expect((await cli(trainArgs('broken', '--resume'))).code).toBe(0);

    expect(await outcome('broken'), message).toEqual(await outcome('whole'));
    expect(await logsOf('broken'), message).toEqual(await logsOf('whole'));
  }, 300_000);

  test('--resume starts no run where there is none', async () => {
    const { code, err } = await cli(trainArgs('mistyped', '--resume'));
    expect([code, err]).toEqual([
      1,
      `siglip2: ${join(folder, 'mistyped')}: no state of a run is saved here to continue; start it without --resume\n`,
    ]);
    expect(readdirSync(folder)).not.toContain('mistyped');
  });

  test('another seed or number of steps gives another model; a run keeps its own', async () => {
    const { code, err } = await cli(trainArgs('other', '--seed', '1', '--steps', '2'), { terminal: true });
    expect(code).toBe(0);
    // On a terminal it shows a bar.
    expect(err).toMatch(/█+ second {2}step 2\/2 {2}loss \d+\.\d{4} {2}\d.* steps\/s {2}ETA 0s/);
    expect(readdirSync(join(folder, 'other', STAGES[1]))).toContain('state-00000002.safetensors');
    const again = await cli(trainArgs('other', '--seed', '2'));
    expect([again.code, again.err]).toEqual([
      1,
      expect.stringMatching(/run with seed 1, not 2; use another --run/),
    ]);
    // Without options the run's own settings hold: it is finished.
    expect((await cli(trainArgs('other'))).out).toMatch(/^2 steps done/);
  });

  test('prints one JSON object a step, and trains when told to ignore memory', async () => {
    const { json, code } = await cli(trainArgs('json', '--steps', '2', '--json', '--ignore-memory'));
    expect(code).toBe(0);
    expect(json()).toMatchObject([
      { stage: 'first', step: 1, totalSteps: 2, loss: expect.any(Number), eta: expect.any(Number) },
      { stage: 'first', step: 2 },
      { stage: 'second', step: 1 },
      { stage: 'second', step: 2 },
      { finished: true, step: 2, model: join(folder, 'json/model') },
    ]);
  });

  test('reports the bad samples of a recipe that counts them', async () => {
    const recipe = join(import.meta.dirname, '../countingRecipe.ts');
    const args = ['train', recipe, '--run', join(folder, 'counting'), '--threads', '1', '--steps', '2'];
    const { err } = await cli(args);
    expect(err).toMatch(/second {2}step 2\/2 .* 1 bad samples\n/);
    expect(err).toMatch(/\n1 of 2 samples are bad:\n {2}undecodable: 1\n {4}photos: torn\.jpg: is torn\n$/);
    const again = await cli([...args, '--json']);
    expect(again.json()).toMatchObject([
      { finished: true, bad: { read: 2, bad: 1, reasons: { undecodable: { count: 1 } } } },
    ]);
    expect(again.err).not.toContain('bad');
  });

  test('plans without a run folder, and trains nothing', async () => {
    const { code, out } = await cli(['train', RECIPE, '--cost', '--threads', '1']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^tiny: Noise, .*\n\nstage +from +images +steps +examples .*FLOPs +memory +state +activations +time\n/,
    );
    expect(out).toMatch(/\nfirst +16² +7 +28 +0 → 0 +\d\.\d\de\+\d+( +[\d.]+ [kM]B){3} +[\d.]+ s\n/);
    expect(out).toMatch(/\nsecond +first +16² +8 +32 /);
    expect(out).toMatch(
      /\nall: .* GFLOP\/s\nmemory is the most .*\ntime is that of the matrix products alone/,
    );
    const { json } = await cli(['train', RECIPE, '--cost', '--json', '--steps', '3']);
    const [plan] = json();
    expect(plan).toMatchObject({
      recipe: 'tiny',
      stages: [
        { name: 'first', steps: 3, examples: 12, seconds: expect.any(Number) },
        {
          name: 'second',
          from: 'first',
          steps: 3,
          memory: { total: expect.any(Number), activations: expect.any(Number) },
        },
      ],
      assumption: expect.stringContaining('this machine'),
    });
    const { flops, flopsPerSecond, seconds } = plan as Record<string, number>;
    expect(seconds).toBeCloseTo(flops! / flopsPerSecond!, 12);
  });

  test('a run’s folder holds its curves, which report draws anew', async () => {
    const run = join(folder, 'whole');
    expect(readdirSync(run)).toEqual([
      '1-first',
      '2-second',
      'model',
      'report.html',
      'run.json',
      'stages.json',
    ]);
    rmSync(join(run, 'report.html'));
    const { code, out } = await cli(['report', run]);
    expect([code, out]).toEqual([0, `${join(run, 'report.html')}\n`]);
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('<h1>whole</h1>');
    expect(readdirSync(join(run, '2-second'))).toContain('events.out.tfevents.0.siglip2');
    const none = await cli(['report', join(folder, 'nowhere')]);
    expect([none.code, none.err]).toEqual([
      1,
      expect.stringMatching(/nowhere: no stage of a run has logged/),
    ]);
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
    const lacking = module('lacking.mjs', 'export default { name: "x", description: "", run() {} };');
    expect(await failure(lacking)).toEqual([1, expect.stringMatching(/no Recipe: saveEvery is missing$/m)]);
    const broken = module('broken.mjs', 'throw new Error("no data");');
    expect(await failure(broken)).toEqual([1, expect.stringMatching(/cannot be loaded \(no data\)/)]);
    const { code, err } = await cli(['train', RECIPE]);
    expect([code, err]).toEqual([2, expect.stringMatching(/--run/)]);
  });
});

test('a recipe that cannot fit into memory is refused before it starts, with both numbers and what to change', async () => {
  const huge = join(import.meta.dirname, '../hugeRecipe.ts');
  const run = join(folder, 'huge');
  const { code, out, err } = await cli(['train', huge, '--run', run, '--threads', '1']);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(
    /stage first needs about [\d.e+]+ GB of memory, and .* [\d.]+ GB; use a smaller batch, .*; --ignore-memory tries it anyway/,
  );
});
