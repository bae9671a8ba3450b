import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { releasedModel } from '../../test/full/releasedModel.ts';
import { siglip2, startSiglip2 } from '../../test/full/support/siglip2.ts';
import { drawPicture } from '../setup.ts';
import { CASE_VARIABLE, type MemoryCase } from './memoryCase.ts';

const RECIPE = join(import.meta.dirname, 'recipe.ts');

/** Gigabytes. */
export interface Measured {
  readonly estimated: number;
  readonly measured: number;
}

/** A run to measure. */
export type Case = { readonly title: string } & (
  | {
      readonly kind: 'train';
      readonly run: MemoryCase;
      /** Whether it is stopped after a step and continued, as the rows of a table are all in memory only then. */
      readonly resumed?: boolean;
    }
  | { readonly kind: 'finetune'; readonly options: readonly string[] }
);

export const MEMORY_CASES: Readonly<Record<string, Case>> = {
  'sigmoid-224': {
    title: 'train B/16, sigmoid, 224², 256,000 pieces, batch 2, stopped and resumed',
    kind: 'train',
    run: { losses: 'sigmoid', resolutions: [224], vocabulary: 256_000, batch: 2 },
    resumed: true,
  },
  'sigmoid-16': {
    title: 'train B/16, sigmoid, 224², 2,000 pieces, batch 16',
    kind: 'train',
    run: { losses: 'sigmoid', resolutions: [224], vocabulary: 2_000, batch: 16 },
  },
  'all-384': {
    title: 'train B/16, all four losses, 384², 15,000 pieces, batch 2',
    kind: 'train',
    run: { losses: 'all', resolutions: [384], vocabulary: 15_000, batch: 2 },
  },
  forks: {
    title: 'train B/16 with 4 blocks, all four losses, 256² then 384², 2,000 pieces, batch 2',
    kind: 'train',
    run: { losses: 'all', resolutions: [256, 384], vocabulary: 2_000, batch: 2, layers: 4 },
  },
  'forks-1': {
    title:
      'train B/16 with 1 block, all four losses, 256² then 384², 2,000 pieces, 8,192 prototypes, batch 2',
    kind: 'train',
    run: { losses: 'all', resolutions: [256, 384], vocabulary: 2_000, batch: 2, layers: 1, prototypes: 8192 },
  },
  'finetune-frozen': {
    title: 'finetune B/16-224, batch 8, --freeze image,embeddings',
    kind: 'finetune',
    options: ['--batch', '8', '--freeze', 'image,embeddings'],
  },
  'finetune-least': {
    title: 'finetune B/16-224, batch 2, --freeze image,text',
    kind: 'finetune',
    options: ['--batch', '2', '--freeze', 'image,text', '--threads', '1'],
  },
  finetune: { title: 'finetune B/16-224, batch 8', kind: 'finetune', options: ['--batch', '8'] },
};

const stagesSchema = z.object({ stages: z.array(z.object({ memory: z.object({ total: z.number() }) })) });
const finetuneSchema = z.object({ memory: z.object({ total: z.number() }) });

async function estimatedTrain(): Promise<number> {
  const { stages } = stagesSchema.parse((await siglip2(['train', RECIPE, '--cost', '--json'])).json()[0]);
  return Math.max(...stages.map(({ memory }) => memory.total)) / 1e9;
}

/** Runs to its first step, and stops it there as Ctrl-C does. */
async function stopAfterStep(args: readonly string[]): Promise<number> {
  const { child, finished } = startSiglip2(args);
  child.stdout?.once('data', () => child.kill('SIGINT'));
  return (await finished).peakGB;
}

async function measureTrain(run: MemoryCase, folder: string, resumed: boolean): Promise<Measured> {
  process.env[CASE_VARIABLE] = JSON.stringify(run);
  const args = ['train', RECIPE, '--run', join(folder, 'run'), '--json'];
  const before = resumed ? await stopAfterStep(args) : 0;
  const { peakGB } = await siglip2(args);
  return { estimated: await estimatedTrain(), measured: Math.max(before, peakGB) };
}

const PICTURES = 16;

async function measureFinetune(options: readonly string[], folder: string): Promise<Measured> {
  mkdirSync(folder, { recursive: true });
  const model = await releasedModel({ variant: 'base-patch16-224' });
  const data = join(folder, 'data');
  await drawPicture(join(folder, 'picture.jpg'));
  for (let i = 0; i < PICTURES; i++) {
    mkdirSync(join(data, `class_${i % 4}`), { recursive: true });
    copyFileSync(join(folder, 'picture.jpg'), join(data, `class_${i % 4}`, `${i}.jpg`));
  }
  const place = ['--model', model, '--data', data, '--output', join(folder, 'output')];
  const args = ['finetune', ...place, '--steps', '2', '--validation', '0', ...options, '--json'];
  const { memory } = finetuneSchema.parse((await siglip2([...args, '--cost'])).json()[0]);
  const { peakGB } = await siglip2(args);
  return { estimated: memory.total / 1e9, measured: peakGB };
}

/** @param folder an empty one, for the run */
export const measureCase = (one: Case, folder: string): Promise<Measured> =>
  one.kind === 'train'
    ? measureTrain(one.run, folder, one.resumed ?? false)
    : measureFinetune(one.options, folder);
