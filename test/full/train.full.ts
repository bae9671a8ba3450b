import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { releasedModel } from './releasedModel.ts';
import { DATA_VARIABLE, START_VARIABLE } from './support/baseRecipe.ts';
import { cosine, readEmbeddings } from './support/compare.ts';
import { classFolder, workFolder } from './support/pictures.ts';
import { assertFits, siglip2, startSiglip2 } from './support/siglip2.ts';

const folder = workFolder();
const DATA = join(folder, 'data');
const RECIPE = join(import.meta.dirname, 'support/baseRecipe.ts');
let pictures: string[];

beforeAll(async () => {
  pictures = await classFolder(DATA, 3);
  process.env[DATA_VARIABLE] = DATA;
  process.env[START_VARIABLE] = await releasedModel({ variant: 'base-patch16-224', dtype: 'bfloat16' });
});
afterAll(() => {
  delete process.env[DATA_VARIABLE];
  delete process.env[START_VARIABLE];
});

const stepSchema = z.looseObject({ step: z.number(), loss: z.number().positive() });
const doneSchema = z.looseObject({ finished: z.literal(true), model: z.string() });
const runOf = (name: string) => join(folder, name);
const args = (name: string, ...more: string[]) => ['train', RECIPE, '--run', runOf(name), '--json', ...more];

describe('siglip2 train', () => {
  let model: string;

  it('trains B/16 in chunks and NaFlex from it, two steps each', async () => {
    const { json } = await siglip2(args('unbroken', '--steps', '2'));
    const lines = json();
    const losses = lines.slice(0, 4).map((line) => stepSchema.parse(line).loss);
    expect(losses.every(Number.isFinite)).toBe(true);
    ({ model } = doneSchema.parse(lines.at(-1)));
    const output = join(folder, 'rows.safetensors');
    await siglip2(['embed', ...pictures.slice(0, 2), '--text', 'a fox', '--model', model, '-o', output]);
    const rows = await readEmbeddings(output);
    expect(cosine(rows[0]!, rows[1]!)).toBeLessThan(0.999_999);
    // Again: nothing is left to do, and the model is there.
    expect(doneSchema.parse((await siglip2(args('unbroken', '--resume'))).json().at(-1)).model).toBe(model);
  });

  it('report draws the run', async () => {
    const report = join(runOf('unbroken'), 'report.html');
    rmSync(report);
    await siglip2(['report', runOf('unbroken')]);
    expect(readFileSync(report, 'utf8')).toContain('naflex');
  });

  it('ends in the same bits when it is stopped in either stage', async () => {
    for (const lines of [1, 2]) {
      const command = args('broken', '--steps', '2');
      const broken = startSiglip2(command);
      let seen = 0;
      broken.child.stdout!.on('data', (text) => {
        seen += String(text).split('\n').length - 1;
        if (seen >= lines) broken.child.kill('SIGINT');
      });
      const finished = await broken.finished;
      assertFits(command, finished);
      expect(finished.code, finished.err).toBe(130);
    }
    const { json } = await siglip2(args('broken', '--resume'));
    const other = doneSchema.parse(json().at(-1)).model;
    expect(other).not.toBe(model);
    const weights = (path: string) => readFileSync(join(path, 'model.safetensors'));
    expect(weights(other).equals(weights(model))).toBe(true);
    rmSync(runOf('broken'), { recursive: true });
  });

  it('plans the paper’s largest', async () => {
    const { json } = await siglip2([
      'train',
      join(import.meta.dirname, '../../recipes/paper/so400m.ts'),
      '--cost',
      '--json',
    ]);
    expect(json().length).toBeGreaterThan(0);
  });
});
