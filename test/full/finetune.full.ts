import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { chooseChunk } from '../../src/train/finetune/chunkSize.ts';
import { defaultBatch } from '../../src/train/finetune/settings.ts';
import { releasedModel } from './releasedModel.ts';
import { classFolder, workFolder } from './support/pictures.ts';
import { assertFits, siglip2, startSiglip2 } from './support/siglip2.ts';

const folder = workFolder();
const DATA = join(folder, 'data');
const VARIANT = 'base-patch16-224';
/** Of sixty images a tenth is held out. */
const TRAINED = 54;

beforeAll(async () => {
  await classFolder(DATA, 20);
});

const stepSchema = z.looseObject({ step: z.number(), loss: z.number() });

/** Bytes of a saved model's weights, in one file. */
const weightsOf = (output: string) => readFileSync(join(folder, output, 'model/model.safetensors'));

async function dtypesOf(output: string): Promise<string[]> {
  const { weights } = await openModelDirectory(join(folder, output, 'model'));
  const dtypes = new Set([...weights.tensors.values()].map(({ dtype }) => dtype));
  await weights.close();
  return [...dtypes];
}

describe('siglip2 finetune of B/16', () => {
  it('trains on sixty images with the default options, and saves float16', async () => {
    const path = await releasedModel({ variant: VARIANT });
    // The default chunk is what fits into the free memory; here it is what fits into the memory of the suite.
    const model = await openModelDirectory(path);
    const settings = { batch: defaultBatch(TRAINED), freeze: [], learningRate: 1e-5, weightDecay: 0 };
    const { chunk, fits } = chooseChunk(model, settings, 12e9);
    await model.weights.close();
    expect(fits).toBe(true);
    // One that does not divide the batch.
    const chunks = ['--chunk', String(Math.min(chunk, 7))];
    const args = ['--model', path, '--data', DATA, '--output', join(folder, 'default'), ...chunks];
    const { json, peakGB, err } = await siglip2([
      // An evaluation on the way takes the weights twice more: beyond what fits into the memory of the suite.
      ...[
        'finetune',
        ...args,
        '--steps',
        '2',
        '--save-every',
        '2',
        '--keep',
        'last',
        '--save-as',
        'float16',
        '--json',
      ],
    ]);
    expect(err).toMatch(new RegExp(`data {6}${TRAINED} images in 3 classes, 6 held out`));
    const lines = json();
    const steps = lines.slice(0, -1).map((line) => stepSchema.parse(line));
    expect(steps.map(({ step }) => step)).toEqual([1, 2]);
    expect(steps.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(lines.at(-1)).toMatchObject({ finished: true, after: { images: 6, classes: 3 } });
    expect(await dtypesOf('default')).toEqual(['float16']);
    expect(peakGB).toBeGreaterThan(2);
    expect(readdirSync(join(folder, 'default/run'))).toContain('report.html');
    rmSync(join(folder, 'default'), { recursive: true });
  });

  it('ends in the same bits when it is stopped and started again', async () => {
    const path = await releasedModel({ variant: VARIANT, dtype: 'bfloat16' });
    const args = (output: string) => [
      ...['finetune', '--model', path, '--data', DATA, '--output', join(folder, output), '--json'],
      ...[
        '--freeze',
        'image,embeddings',
        '--batch',
        '5',
        '--chunk',
        '3',
        '--steps',
        '3',
        '--validation',
        '0',
      ],
    ];
    await siglip2(args('unbroken'));
    expect(await dtypesOf('unbroken')).toEqual(['bfloat16']);
    const broken = startSiglip2(args('broken'));
    broken.child.stdout!.once('data', () => broken.child.kill('SIGINT'));
    const stopped = await broken.finished;
    expect(stopped.code, stopped.err).toBe(130);
    assertFits(args('broken'), stopped);
    expect(stopped.err).toContain('continue with: siglip2 finetune');
    await siglip2([...args('broken'), '--resume']);
    expect(weightsOf('broken').equals(weightsOf('unbroken'))).toBe(true);
  });

  it('keeps the best on what is held out', async () => {
    const path = await releasedModel({ variant: VARIANT, dtype: 'bfloat16' });
    const args = [
      '--model',
      path,
      '--data',
      DATA,
      '--output',
      join(folder, 'best'),
      '--keep',
      'best',
      '--json',
    ];
    const size = ['--freeze', 'image,embeddings', '--batch', '5', '--chunk', '3', '--steps', '2'];
    const { json, err } = await siglip2(['finetune', ...args, ...size, '--save-every', '1']);
    expect(err.match(/held out after step \d: [\d.]+ % right/g)).toHaveLength(2);
    expect(json().at(-1)).toMatchObject({ finished: true, step: 2, best: expect.any(Number) });
    rmSync(join(folder, 'best'), { recursive: true });
  });

  it('trains NaFlex', async () => {
    const path = await releasedModel({ variant: 'base-patch16-naflex', dtype: 'bfloat16' });
    const args = ['--batch', '3', '--steps', '1', '--validation', '0', '--freeze', 'embeddings', '--json'];
    const output = join(folder, 'naflex');
    const { json } = await siglip2([
      'finetune',
      '--model',
      path,
      '--data',
      DATA,
      '--output',
      output,
      ...args,
    ]);
    expect(json().at(-1)).toMatchObject({ finished: true, step: 1 });
    expect(await dtypesOf('naflex')).toEqual(['bfloat16']);
  });
});
