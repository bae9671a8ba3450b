import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMeasurements } from '../../../src/train/run/best/keepBest.ts';
import { temporaryFolder } from '../temporary.ts';
import { cli } from '../testIo.ts';

const folder = temporaryFolder();
const RECIPE = join(import.meta.dirname, '../evaluatedRecipe.ts');
const train = (...more: string[]) =>
  cli(['train', RECIPE, '--run', join(folder, 'run'), '--threads', '1', '--steps', '1', ...more]);

test('siglip2 train evaluates by the recipe’s evaluators, and one of their numbers chooses the model', async () => {
  const refused = await train('--keep', 'best:other/top1');
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining(
      'no evaluator gives other/top1, which should choose the best state; there are likeness/…',
    ),
  ]);
  expect((await train('--keep', 'first')).code).toBe(2);
  const { code, json, err } = await train('--json');
  expect({ code, err: err.includes('preparing') }).toEqual({ code: 0, err: true });
  const evaluated = json().filter((line) => 'evaluation' in line);
  expect(evaluated).toEqual(
    ['first', 'second'].map((stage) => ({
      ...{ stage, step: 1, seconds: expect.any(Number) },
      evaluation: { 'likeness/cosine': expect.any(Number) },
    })),
  );
  expect(await readMeasurements(join(folder, 'run/2-second'))).toMatchObject([
    { step: 1, metric: 'likeness/cosine', lowerIsBetter: true },
  ]);
  // Nothing of the models that were evaluated is left.
  expect(readdirSync(join(folder, 'run')).sort()).toEqual([
    '1-first',
    '2-second',
    'model',
    'report.html',
    'run.json',
    'stages.json',
  ]);
});
