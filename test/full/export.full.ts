import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { openModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { imageFeeds, toImage } from '../../src/input/image/imageSource.ts';
import { withMaxPatches } from '../../src/input/image/naflex/patchBudget.ts';
import { loadTokenizer } from '../../src/input/text/tokenizer/loadTokenizer.ts';
import { type ReleasedModelOptions, releasedModel } from './releasedModel.ts';
import { cosine, leastCosine, readEmbeddings } from './support/compare.ts';
import { shapedPictures, workFolder } from './support/pictures.ts';
import { siglip2 } from './support/siglip2.ts';

const folder = workFolder();
const VARIANT = 'base-patch16-224';
const CORPUS = ['a red fox', 'ein blaues Meer', '緑の葉', 'The quick brown fox, 12 times!'];
let pictures: string[];

beforeAll(async () => {
  pictures = await shapedPictures(join(folder, 'pictures'), [
    [320, 240],
    [240, 320],
  ]);
});

async function embeddingsOf(model: string, name: string, ...more: string[]): Promise<Float32Array[]> {
  const output = join(folder, `${name}.safetensors`);
  await siglip2(['embed', ...pictures, '--text', ...CORPUS, '--model', model, '--output', output, ...more]);
  return readEmbeddings(output);
}

/** Stored types of a model's tensors. */
async function dtypesOf(path: string): Promise<string[]> {
  const { weights } = await openModelDirectory(path);
  const dtypes = new Set([...weights.tensors.values()].map(({ dtype }) => dtype));
  await weights.close();
  return [...dtypes];
}

/** What an exported model says of pictures and texts, in a runtime of its own. */
async function runExported(
  target: string,
  suffix: string,
  model: string,
  maxNumPatches?: number,
): Promise<Float32Array[]> {
  const { preprocessor, config, weights, tokenizerPath } = await openModelDirectory(model);
  await weights.close();
  const tokenizer = await loadTokenizer(tokenizerPath!, { length: config.text.length });
  const ids = tokenizer.encodeBatch(CORPUS);
  const images = await Promise.all(pictures.map((path) => toImage(path)));
  const feeds = Object.fromEntries(
    Object.entries(imageFeeds(images, withMaxPatches(preprocessor, maxNumPatches))).map(
      ([name, { data, shape }]) => [
        name,
        data instanceof Float32Array
          ? new Tensor('float32', data, shape)
          : new Tensor('int64', BigInt64Array.from(data as Int32Array, BigInt), shape),
      ],
    ),
  );
  const session = await InferenceSession.create(join(target, `onnx/model${suffix}.onnx`));
  try {
    const input_ids = new Tensor('int64', BigInt64Array.from(ids.data, BigInt), ids.shape);
    const results = await session.run({ ...feeds, input_ids });
    return ['image_embeds', 'text_embeds'].flatMap((name) => {
      const { data, dims } = results[name]!;
      const [rows, width] = dims as [number, number];
      return Array.from({ length: rows }, (_, i) => (data as Float32Array).slice(i * width, (i + 1) * width));
    });
  } finally {
    await session.release();
  }
}

describe('siglip2 export', () => {
  it.each([
    [{ variant: VARIANT }, 'float32', ''],
    [{ variant: VARIANT }, 'float16', '_fp16'],
    [{ variant: VARIANT, dtype: 'bfloat16', sharded: true }, 'float16', '_fp16'],
    [{ variant: 'base-patch16-naflex', dtype: 'bfloat16' }, 'float16', '_fp16'],
  ] as const)(
    'of %o as %s gives the same embeddings elsewhere',
    async (options: ReleasedModelOptions, dtype, suffix) => {
      const model = await releasedModel(options);
      const target = join(folder, `onnx-${Object.values(options).join('-')}-${dtype}`);
      await siglip2(['export', '--model', model, '--dtype', dtype, '--output', target]);
      expect(existsSync(join(target, `onnx/vision_model${suffix}.onnx`))).toBe(true);
      const expected = await embeddingsOf(model, `of-${options.variant}`);
      // The random weights are exact in float16.
      expect(leastCosine(await runExported(target, suffix, model), expected)).toBeGreaterThan(0.999_99);
    },
  );

  it('of NaFlex takes any number of patches, at the oldest operator set too', async () => {
    const model = await releasedModel({ variant: 'base-patch16-naflex', dtype: 'bfloat16' });
    const target = join(folder, 'onnx-any-length');
    await siglip2(['export', '--model', model, '--dtype', 'float16', '--opset', '17', '--output', target]);
    for (const patches of [64, 576, 1024]) {
      const expected = await embeddingsOf(model, `of-${patches}`, '--max-patches', String(patches));
      expect(leastCosine(await runExported(target, '_fp16', model, patches), expected)).toBeGreaterThan(
        0.999_99,
      );
    }
  });

  it('puts what a protobuf file cannot hold beside it', async () => {
    const model = await releasedModel({ variant: 'so400m-patch14-384', dtype: 'bfloat16', sharded: true });
    const target = join(folder, 'onnx-so400m');
    await siglip2(['export', '--model', model, '--dtype', 'float16', '--output', target]);
    expect(statSync(join(target, 'onnx/model_fp16.onnx_data')).size).toBeGreaterThan(2.2e9);
    const config: unknown = JSON.parse(readFileSync(join(target, 'config.json'), 'utf8'));
    expect(config).toMatchObject({
      'transformers.js_config': {
        use_external_data_format: { 'model_fp16.onnx': true, 'text_model_fp16.onnx': true },
      },
    });
    const session = await InferenceSession.create(join(target, 'onnx/text_model_fp16.onnx'));
    const feeds = { input_ids: new Tensor('int64', new BigInt64Array(64).fill(7n), [1, 64]) };
    const { pooler_output } = await session.run(feeds);
    await session.release();
    expect((pooler_output!.data as Float32Array).every(Number.isFinite)).toBe(true);
  });
});

describe('siglip2 trim', () => {
  const corpus = join(folder, 'corpus.txt');
  const trim = async (options: ReleasedModelOptions, name: string, ...more: string[]) => {
    writeFileSync(corpus, `${CORPUS.join('\n')}\n`);
    const target = join(folder, name);
    const model = await releasedModel(options);
    await siglip2(['trim', '--model', model, '--corpus', corpus, '--output', target, ...more]);
    return { target, model };
  };

  it('of 256,000 pieces keeps the embeddings of the corpus', async () => {
    const { target, model } = await trim({ variant: VARIANT }, 'trimmed');
    const [before, after] = [await embeddingsOf(model, 'whole'), await embeddingsOf(target, 'trimmed')];
    for (const [i, row] of before.entries()) expect(cosine(row, after[i]!)).toBeGreaterThan(0.999_999);
    expect(statSync(join(target, 'model.safetensors')).size).toBeLessThan(0.8e9);
  });

  it('can store what is left in 16 bits', async () => {
    const whole = await embeddingsOf(await releasedModel({ variant: VARIANT, dtype: 'bfloat16' }), 'half');
    for (const [dtype, from] of [
      ['float16', 'bfloat16'],
      ['bfloat16', 'float32'],
    ] as const) {
      const { target } = await trim({ variant: VARIANT, dtype: from }, `trimmed-${dtype}`, '--dtype', dtype);
      expect(await dtypesOf(target)).toEqual([dtype]);
      expect(leastCosine(await embeddingsOf(target, dtype), whole)).toBeGreaterThan(0.999_999);
    }
  });

  it('trims a decoder beside the model too', async () => {
    const { target } = await trim({ variant: VARIANT, dtype: 'bfloat16', decoder: true }, 'trimmed-decoder');
    const { json } = await siglip2([
      'caption',
      pictures[0]!,
      '--model',
      target,
      '--max-tokens',
      '3',
      '--json',
    ]);
    expect(json()).toMatchObject([{ task: 'captioning' }]);
  });
});
