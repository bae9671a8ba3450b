import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ExportOptions, exportOnnx } from '../../../src/checkpoint/export/exportOnnx.ts';
import { openModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { load } from '../../../src/encoder/load.ts';
import { imageFeeds, toImage } from '../../../src/input/image/imageSource.ts';
import { loadTokenizer } from '../../../src/input/text/tokenizer/loadTokenizer.ts';
import { ModelProto } from '../../../src/tensor/onnx/proto.ts';
import { IMAGES, PREPROCESSORS, saveTinyModel, temporaryFolder } from '../../cli/models.ts';

const folder = temporaryFolder();
const TEXTS = ['a cat', 'Un chien', 'ein Haus', '猫', 'Ω and more'];

/** Both towers add up in other orders than the fused kernels: a few units in the last place of unit vectors. */
const FLOAT32_TOLERANCE = 2e-6;

async function exported(kind: 'fixed' | 'naflex', name: string, options: ExportOptions = {}) {
  const model = await openModelDirectory(join(folder, kind));
  const target = join(folder, name);
  const files = await exportOnnx(model, target, options);
  await model.weights.close();
  return { target, files };
}

const session = (path: string): Promise<InferenceSession> =>
  InferenceSession.create(path, { intraOpNumThreads: 1 });

const int64 = (values: ArrayLike<number>, dims: readonly number[]) =>
  new Tensor(
    'int64',
    BigInt64Array.from(Array.from(values), (value) => BigInt(value)),
    dims,
  );

async function textFeeds(directory: string) {
  const tokenizer = await loadTokenizer(join(directory, 'tokenizer.json'), { length: 16 });
  const { data, shape } = tokenizer.encodeBatch(TEXTS);
  return { input_ids: int64(data, shape) };
}

async function pixelFeeds(kind: 'fixed' | 'naflex') {
  const images = await Promise.all(IMAGES.map((path) => toImage(path)));
  const feeds = imageFeeds(images, PREPROCESSORS[kind]);
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { data, shape }]) => [
      name,
      data instanceof Float32Array ? new Tensor('float32', data, shape) : int64(data as Int32Array, shape),
    ]),
  );
}

const floats = (tensor: Tensor | undefined): Float32Array => {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('expected a float32 result');
  return tensor.data;
};

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(tolerance);
  }
}

const unit = (rows: Float32Array, width: number): Float32Array =>
  rows.map((value, i) => {
    const row = rows.subarray(i - (i % width), i - (i % width) + width);
    return value / (Math.sqrt(row.reduce((total, x) => total + x * x, 0)) + 1e-8);
  });

async function expectSameAsEncoder(
  kind: 'fixed' | 'naflex',
  target: string,
  suffix: string,
  tolerance: number,
) {
  const source = join(folder, kind);
  const encoder = await load(source, { threads: 1 });
  const images = await encoder.embedImages(IMAGES);
  const texts = await encoder.embedTexts(TEXTS);
  const probabilities = await encoder.score(IMAGES, TEXTS);
  await encoder.dispose();
  const feeds = { ...(await textFeeds(source)), ...(await pixelFeeds(kind)) };

  const both = await session(join(target, `onnx/model${suffix}.onnx`));
  expect(both.inputNames.toSorted()).toEqual(Object.keys(feeds).sort());
  expect(both.outputNames).toEqual(['logits_per_image', 'logits_per_text', 'text_embeds', 'image_embeds']);
  const result = await both.run(feeds);
  expectClose(floats(result['image_embeds']), images.data, tolerance);
  expectClose(floats(result['text_embeds']), texts.data, tolerance);
  expect(result['logits_per_image']?.dims).toEqual([IMAGES.length, TEXTS.length]);
  const scores = floats(result['logits_per_image']).map((logit) => 1 / (1 + Math.exp(-logit)));
  // A probability moves by at most a quarter of its logit's change, which is 5 times that of the cosine.
  expectClose(scores, probabilities.data, tolerance * 10);
  const perText = floats(result['logits_per_text']);
  expect(perText[1]).toBe(floats(result['logits_per_image'])[TEXTS.length]);

  for (const [name, embeddings] of [
    ['vision_model', images],
    ['text_model', texts],
  ] as const) {
    const tower = await session(join(target, `onnx/${name}${suffix}.onnx`));
    expect(tower.outputNames).toEqual(['last_hidden_state', 'pooler_output']);
    const own = Object.fromEntries(
      tower.inputNames.map((input) => [input, feeds[input as keyof typeof feeds]]),
    );
    const { pooler_output, last_hidden_state } = await tower.run(own as Record<string, Tensor>);
    expect(last_hidden_state?.dims).toEqual([embeddings.shape[0], 16, embeddings.shape[1]]);
    expectClose(unit(floats(pooler_output), embeddings.shape[1]!), embeddings.data, tolerance);
    await tower.release();
  }
  await both.release();
}

describe('export to ONNX', () => {
  beforeAll(async () => {
    await saveTinyModel(join(folder, 'fixed'));
    await saveTinyModel(join(folder, 'naflex'), 'naflex');
  });

  test.each(['fixed', 'naflex'] as const)(
    'plain ONNX Runtime computes what the encoder does (%s)',
    async (kind) => {
      const { target, files } = await exported(kind, `${kind}-onnx`);
      expect(files.map(({ file }) => file)).toEqual(
        ['model', 'vision_model', 'text_model'].map((name) => `onnx/${name}.onnx`),
      );
      await expectSameAsEncoder(kind, target, '', FLOAT32_TOLERANCE);
    },
  );

  test('weights above the limit lie in files of their own', async () => {
    const { target, files } = await exported('fixed', 'external', { maxInlineBytes: 0 });
    expect(readdirSync(join(target, 'onnx')).sort()).toEqual([
      'model.onnx',
      'model.onnx_data',
      'text_model.onnx',
      'text_model.onnx_data',
      'vision_model.onnx',
      'vision_model.onnx_data',
    ]);
    expect(files.find(({ file }) => file === 'onnx/vision_model.onnx')!.bytes).toBeLessThan(40_000);
    const config = JSON.parse(readFileSync(join(target, 'config.json'), 'utf8'));
    expect(config['transformers.js_config']).toEqual({
      use_external_data_format: { 'model.onnx': true, 'vision_model.onnx': true, 'text_model.onnx': true },
    });
    await expectSameAsEncoder('fixed', target, '', FLOAT32_TOLERANCE);
  });

  test('files of 1 GiB and more would take minutes to encode, and are not made', async () => {
    await expect(exported('fixed', 'huge', { maxInlineBytes: 1.5e9 })).rejects.toThrow(
      'export.maxInlineBytes is 1500000000; it must be a number from 0 to 1000000000',
    );
  });

  test('float16 halves the files and keeps the results to half precision', async () => {
    const { target, files } = await exported('fixed', 'halves', { dtype: 'float16' });
    const whole = await exported('fixed', 'whole');
    const [half, full] = [files[0]!, whole.files[0]!];
    expect(half.file).toBe('onnx/model_fp16.onnx');
    expect(half.bytes).toBeLessThan(0.6 * full.bytes);
    // Weights are off by at most 2^-12 of themselves; unit embeddings of 2 layers by a few times that.
    await expectSameAsEncoder('fixed', target, '_fp16', 2e-3);
  });

  test('uses standard operators only', async () => {
    const { target } = await exported('naflex', 'standard');
    const model = ModelProto.toObject(ModelProto.decode(readFileSync(join(target, 'onnx/model.onnx'))));
    const nodes: { domain?: string }[] = model['graph'].node;
    expect(nodes.length).toBeGreaterThan(50);
    expect(nodes.filter(({ domain }) => domain)).toEqual([]);
  });

  test('says to transformers.js what it has to know', async () => {
    const { target } = await exported('fixed', 'settings', { dtype: 'float16' });
    const json = (file: string) => JSON.parse(readFileSync(join(target, file), 'utf8'));
    expect(json('config.json')).toMatchObject({
      model_type: 'siglip',
      'transformers.js_config': { dtype: 'fp16' },
    });
    expect(json('preprocessor_config.json')).toMatchObject({ image_processor_type: 'SiglipImageProcessor' });
    expect(json('tokenizer.json').normalizer.normalizers[0]).toEqual({ type: 'Lowercase' });
    expect(json('tokenizer_config.json').model_max_length).toBe(16);
  });
});
