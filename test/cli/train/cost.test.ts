import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CliIo } from '../../../src/cli/support/io.ts';
import { printCost } from '../../../src/cli/train/cost.ts';
import type { Recipe } from '../../../src/train/recipe/recipe.ts';
import { tinyTimeline } from '../../train/timeline/tinyTimeline.ts';
import { temporaryFolder } from '../temporary.ts';
import { cli } from '../testIo.ts';
import tiny from '../tinyRecipe.ts';

const RECIPE = join(temporaryFolder(), 'timeline.mjs');
writeFileSync(
  RECIPE,
  `export default {
    name: 'tiny', description: 'A timeline.', saveEvery: 1, timeline: ${JSON.stringify(tinyTimeline())},
    prepare() { throw new Error('a plan prepares nothing'); },
  };`,
);

const plan = (...more: string[]) => cli(['train', RECIPE, '--cost', '--threads', '1', ...more]);

/** The line of the table about a stage. */
const lineOf = (out: string, stage: string): string | undefined =>
  out.split('\n').find((line) => line.startsWith(`${stage} `));

test('the plan of a timeline shows batches, memory in parts and what is scored', async () => {
  const { code, out, err } = await plan();
  expect({ code, err }).toEqual({ code: 0, err: '' });
  // 6 batches, of which some are two updates.
  expect(lineOf(out, 'naflex')).toMatch(/ (7|8|9|10|11|12) \(6 batches\) +24 /);
  expect(lineOf(out, 'pretraining')).toMatch(/ 4 +16 .* [\d.]+ MB( +[\d.]+ kB){2} /);
  expect(out).toMatch(/\ncuration: sigmoid; chosen from 16 scored examples \(counted in FLOPs and time/);
  const [{ stages }] = (await plan('--json')).json() as [{ stages: readonly Record<string, unknown>[] }];
  expect(stages[3]).toMatchObject({ name: 'naflex', batches: 6, examples: 24 });
  expect(stages[4]).toMatchObject({ name: 'curation', scored: 16, choosing: 'counted' });
});

test('--steps cuts the stages of a timeline, as it does when they run', async () => {
  const { out } = await plan('--steps', '1');
  expect(lineOf(out, 'pretraining')).toMatch(/ 1 +4 /);
  expect(lineOf(out, 'naflex')).toMatch(/ 1 +[24] /);
  expect(out).toMatch(/\ncuration: sigmoid; chosen from 8 scored examples/);
});

/** The recipe whose first stage chooses its examples by a function of its own. */
const choosing: Recipe = {
  ...tiny,
  async prepare(options) {
    const prepared = await tiny.prepare(options);
    const [{ training: first, ...stage }, ...rest] = prepared.stages;
    if ('make' in first) throw new Error('the first stage depends on nothing');
    return {
      ...prepared,
      stages: [{ ...stage, training: { ...first, select: (batch) => ({ batch }) } }, ...rest],
    };
  },
};

test('says that a choice by a function is not counted', async () => {
  let out = '';
  const io: CliIo = {
    stdout: {
      write(text) {
        out += text;
      },
    },
    stderr: { write() {} },
    stdin: (async function* () {})(),
    onInterrupt: () => () => {},
  };
  await printCost(choosing, { seed: 0, threads: 1, json: false }, io);
  expect(out).toMatch(/\nfirst: .*; choosing the examples is not counted\n/);
  expect(out).not.toMatch(/\nsecond: .*choosing/);
});

test('--plan is what --cost was called, and still works', async () => {
  const { code, out } = await cli(['train', RECIPE, '--plan', '--threads', '1']);
  expect([code, out.split('\n')[0]]).toEqual([0, (await plan()).out.split('\n')[0]]);
});
