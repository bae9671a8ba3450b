import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ReleasedModelOptions, releasedModel } from './releasedModel.ts';
import { cosine, leastCosine, readEmbeddings } from './support/compare.ts';
import { shapedPictures, workFolder } from './support/pictures.ts';
import { siglip2 } from './support/siglip2.ts';

const folder = workFolder();
const TEXTS = ['a red fox', 'ein blaues Meer', '緑の葉', 'A Long Sentence, with Capitals; '.repeat(12)];
let pictures: string[];

beforeAll(async () => {
  pictures = await shapedPictures(join(folder, 'pictures'), [
    [320, 240],
    [64, 640],
    [224, 224],
  ]);
});

async function embed(options: ReleasedModelOptions, images = pictures, texts = TEXTS) {
  const model = await releasedModel(options);
  const output = join(folder, `${Object.values(options).join('-')}.safetensors`);
  const { peakGB } = await siglip2(['embed', ...images, '--text', ...texts, '--model', model, '-o', output]);
  return { rows: await readEmbeddings(output), peakGB };
}

/** Unit vectors of numbers, no two alike. */
function expectDistinct(rows: readonly Float32Array[]): void {
  for (const [i, row] of rows.entries()) {
    expect(Math.abs(Math.hypot(...row) - 1)).toBeLessThan(1e-5);
    for (const other of rows.slice(i + 1)) expect(cosine(row, other)).toBeLessThan(0.999_99);
  }
}

describe('siglip2 embed', () => {
  // Every dtype holds the same numbers, and all are computed as float32.
  it.each([
    [
      'base-patch16-224',
      { dtype: 'float32', sharded: true },
      { dtype: 'bfloat16' },
      { dtype: 'float16', sharded: true },
    ],
    ['base-patch16-naflex', { dtype: 'bfloat16', sharded: true }, { dtype: 'float16' }],
  ] as const)('gives the same embeddings for every storage of %s', async (variant, ...stored) => {
    const { rows: expected, peakGB } = await embed({ variant });
    expect(expected).toHaveLength(pictures.length + TEXTS.length);
    expectDistinct(expected);
    for (const options of stored as readonly object[]) {
      const { rows, peakGB: peak } = await embed({ variant, ...options });
      expect(leastCosine(rows, expected), JSON.stringify(options)).toBeGreaterThan(0.999_999);
      // Float32 files are mapped; 16 bits are widened in memory.
      expect(peak).toBeLessThan(peakGB + 4);
    }
  });

  it('runs So400m/14-384 in 16 bits, of one file and of many', async () => {
    const variant = 'so400m-patch14-384';
    const [images, texts] = [pictures.slice(0, 1), TEXTS.slice(0, 2)];
    const { rows: expected } = await embed({ variant, dtype: 'bfloat16', sharded: true }, images, texts);
    expectDistinct(expected);
    const { rows } = await embed({ variant, dtype: 'float16' }, images, texts);
    expect(leastCosine(rows, expected)).toBeGreaterThan(0.999_999);
  });
});
