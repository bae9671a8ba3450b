import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/checkpoint/config.ts';
import { logitsPerText, twoTowers } from '../../src/model/twoTowers.ts';
import { compile, type Tensor } from '../../src/tensor/index.ts';
import { fixturePath, readFixture, relativeError } from '../support/fixtures.ts';

// 1e-4 of each tensor's largest value: float32 sums in another order than PyTorch's, two blocks deep.
const TOLERANCE = 1e-4;

async function compareModel(name: string) {
  const config = parseConfig(JSON.parse(await readFile(fixturePath(`model/${name}/config.json`), 'utf8')));
  const weights = await readFixture(`model/${name}/model.safetensors`);
  const expected = await readFixture(`model/${name}/activations.safetensors`);
  const images = expected.get('pixel_values')!.shape[0]!;
  const texts = expected.get('input_ids')!.shape[0]!;
  const model = twoTowers(config, { images, texts });
  const outputs: Record<string, Tensor> = {
    'vision.embeddings': model.vision.embeddings,
    'vision.post_layernorm': model.vision.tokens,
    'vision.pooled': model.vision.pooled,
    'text.embeddings': model.text.embeddings,
    'text.final': model.text.tokens,
    'text.pooled': model.text.pooled,
    image_embeds: model.imageEmbeddings,
    text_embeds: model.textEmbeddings,
    logits_per_text: logitsPerText(
      model.textEmbeddings,
      model.imageEmbeddings,
      model.logitScale,
      model.logitBias,
    ),
  };
  model.vision.layers.forEach((layer, i) => {
    outputs[`vision.layer.${i}`] = layer;
  });
  model.text.layers.forEach((layer, i) => {
    outputs[`text.layer.${i}`] = layer;
  });
  expect([...model.parameters.keys()].sort()).toEqual([...weights.keys()].sort());
  const feeds = Object.fromEntries(Object.keys(model.inputs).map((key) => [key, expected.get(key)!]));
  const errors: Record<string, Record<string, number>> = {};
  for (const fused of [true, false]) {
    const session = await compile({ outputs, weights, options: { fused } });
    const result = await session.run(feeds);
    errors[String(fused)] = Object.fromEntries(
      Object.keys(outputs).map((key) => [key, relativeError(result[key], expected.get(key))]),
    );
    await session.dispose();
  }
  return { errors, result: expected };
}

describe('parity with Hugging Face transformers', () => {
  it.each(['tiny-fixed', 'tiny-asymmetric', 'tiny-naflex'])('%s: every intermediate', async (name) => {
    const { errors } = await compareModel(name);
    for (const form of Object.values(errors)) {
      for (const [key, error] of Object.entries(form)) expect(error, key).toBeLessThan(TOLERANCE);
    }
  });
});
