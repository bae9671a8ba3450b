import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/checkpoint/huggingFace/config.ts';
import { splitFeatures } from '../../src/encoder/towers/features.ts';
import { featureGraph } from '../../src/encoder/towers/graphs.ts';
import { logitsPerText, twoTowers } from '../../src/model/twoTowers.ts';
import { compile, float32, type Tensor } from '../../src/tensor/index.ts';
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

/** The features of `splitFeatures` beside the reference's rows that are no padding. */
async function compareFeatures(name: string) {
  const config = parseConfig(JSON.parse(await readFile(fixturePath(`model/${name}/config.json`), 'utf8')));
  const weights = await readFixture(`model/${name}/model.safetensors`);
  const expected = await readFixture(`model/${name}/activations.safetensors`);
  const { outputs, parameters } = featureGraph(config, expected.get('pixel_attention_mask')?.shape[1]);
  const ours = new Map([...weights].filter(([parameter]) => parameters.has(parameter)));
  const session = await compile({ outputs, weights: ours });
  const feeds = Object.fromEntries(session.inputs.map((spec) => [spec.name, expected.get(spec.name)!]));
  const features = splitFeatures(await session.run(feeds), feeds, config.vision);
  await session.dispose();
  const width = config.vision.hiddenSize;
  const reference = expected.get('vision.post_layernorm')!.data as Float32Array;
  const pooled = expected.get('vision.pooled')!.data as Float32Array;
  const length = reference.length / features.length;
  return features.map((one, i) => ({
    grid: [one.rows, one.columns],
    tokens: relativeError(
      one.tokens,
      float32(one.tokens.shape, reference.slice(i * length, i * length + one.tokens.data.length)),
    ),
    pooled: relativeError(one.pooled, float32([width], pooled.slice(i * width, (i + 1) * width))),
  }));
}

describe('image features', () => {
  it.each([
    [
      'tiny-fixed',
      [
        [4, 4],
        [4, 4],
        [4, 4],
      ],
    ],
    [
      'tiny-naflex',
      [
        [1, 7],
        [5, 3],
        [4, 4],
        [2, 8],
        [16, 1],
        [1, 1],
      ],
    ],
  ])('%s: un-pooled and pooled as transformers gives them, without padding', async (name, grids) => {
    const features = await compareFeatures(name);
    expect(features.map(({ grid }) => grid)).toEqual(grids);
    for (const { tokens, pooled } of features) {
      expect(tokens).toBeLessThan(TOLERANCE);
      expect(pooled).toBeLessThan(TOLERANCE);
    }
  });
});

describe('parity with Hugging Face transformers', () => {
  it.each(['tiny-fixed', 'tiny-asymmetric', 'tiny-naflex'])('%s: every intermediate', async (name) => {
    const { errors } = await compareModel(name);
    for (const form of Object.values(errors)) {
      for (const [key, error] of Object.entries(form)) expect(error, key).toBeLessThan(TOLERANCE);
    }
  });
});
