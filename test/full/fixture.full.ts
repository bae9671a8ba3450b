import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { releasedModel } from './releasedModel.ts';

const VARIANT = 'base-patch16-224';

describe('the models that the suite makes', () => {
  it('have the released sizes and the same numbers in every dtype, in one file or many', async () => {
    const models = await Promise.all(
      [
        await releasedModel({ variant: VARIANT }),
        await releasedModel({ variant: VARIANT, dtype: 'bfloat16' }),
        await releasedModel({ variant: VARIANT, dtype: 'float16', sharded: true }),
      ].map((path) => openModelDirectory(path)),
    );
    // docs/paper.md, “Sizes”.
    const [first] = models;
    const count = [...first!.weights.tensors.values()].reduce((n, { byteLength }) => n + byteLength / 4, 0);
    expect(count).toBe(375_187_970);
    for (const name of ['text_model.encoder.layers.3.mlp.fc1.weight', 'vision_model.head.layernorm.weight']) {
      const [one, ...others] = await Promise.all(models.map(({ weights }) => weights.readFloat32(name)));
      for (const other of others)
        expect(Buffer.from(other.data.buffer).equals(Buffer.from(one!.data.buffer))).toBe(true);
    }
    for (const { weights } of models) await weights.close();
  });

  it('have Gemma’s 256,000 pieces', async () => {
    const path = join(await releasedModel({ variant: VARIANT, dtype: 'bfloat16' }), 'tokenizer.json');
    const { model } = JSON.parse(await readFile(path, 'utf8'));
    expect(Object.keys(model.vocab)).toHaveLength(256_000);
  });

  it('are there for NaFlex, So400m and with a decoder', async () => {
    for (const options of [
      { variant: 'base-patch16-naflex', dtype: 'bfloat16' },
      { variant: 'so400m-patch14-384', dtype: 'bfloat16', sharded: true },
      { variant: VARIANT, dtype: 'bfloat16', decoder: true },
    ] as const) {
      const model = await openModelDirectory(await releasedModel(options));
      expect(model.config.text.vocabSize).toBe(256_000);
      await model.weights.close();
    }
  });
});
