import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  boxArea,
  decodeImage,
  exportOnnx,
  findBox,
  fitToModel,
  fixedPreprocessing,
  float32,
  formatBox,
  int32,
  intersectionOverUnion,
  load,
  loadCaptioner,
  loadTokenizer,
  loccaDecoderConfig,
  matchProbabilities,
  naflexPreprocessing,
  naflexSize,
  ndarray,
  normaliseBox,
  openBigVision,
  openDecoder,
  openModelDirectory,
  openSafetensors,
  parseBox,
  preprocessFixed,
  preprocessNaflex,
  promptsFor,
  resolveModel,
  rgbImage,
  saveDecoder,
  saveModelDirectory,
  scaleBox,
  trimModel,
  trimTokenizer,
  variantConfig,
  writeSafetensors,
} from '../../src/index.ts';
import { splitRows } from '../../src/tensor/rows.ts';
import { releasedModel } from './releasedModel.ts';
import { writeBigVision } from './support/bigVisionFile.ts';
import { leastCosine } from './support/compare.ts';
import { CLASS_NAMES, shapedPictures, workFolder } from './support/pictures.ts';

const folder = workFolder();
const VARIANT = 'base-patch16-224';
const HALF = { variant: VARIANT, dtype: 'bfloat16' } as const;
const TEXTS = ['a red fox', 'ein blaues Meer'];
let pictures: string[];

beforeAll(async () => {
  pictures = await shapedPictures(join(folder, 'pictures'), [
    [320, 240],
    [100, 300],
  ]);
});

describe('load', () => {
  it.each([
    ['fixed', HALF],
    ['naflex', { variant: 'base-patch16-naflex', dtype: 'float16', sharded: true }],
  ] as const)('everything that a %s model answers is finite and agrees', async (_, options) => {
    const path = await releasedModel(options);
    expect(await resolveModel(path)).toBe(path);
    const encoder = await load(path);
    try {
      expect(encoder.config.text.vocabSize).toBe(256_000);
      const images = await encoder.embedImages(pictures);
      const texts = await encoder.embedTexts(TEXTS);
      const labels = await encoder.embedLabels(TEXTS, { templates: ['{}'] });
      expect(leastCosine(splitRows(labels), splitRows(texts))).toBeGreaterThan(0.999_99);
      const features = await encoder.imageFeatures(pictures);
      for (const [i, { pooled }] of features.entries()) {
        const unit = splitRows(images)[i]!;
        expect(leastCosine([pooled.data], [unit])).toBeGreaterThan(0.999_99);
      }
      const [patches] = await encoder.embedPatches(pictures.slice(0, 1));
      expect(patches!.embeddings.shape.at(-1)).toBe(768);
      expect(patches!.embeddings.data.every(Number.isFinite)).toBe(true);
      const scores = await encoder.score(pictures, TEXTS);
      expect(scores.shape).toEqual([2, 2]);
      expect(matchProbabilities(images, texts, encoder.logitScalars).data).toEqual(scores.data);
      const fitted = fitToModel(await decodeImage(pictures[0]!, encoder.decode), encoder.preprocessing);
      const [again] = splitRows(await encoder.embedImages([fitted]));
      expect(leastCosine([again!], [splitRows(images)[0]!])).toBeGreaterThan(0.999_99);
      for (const [i, image] of splitRows(images).entries()) {
        for (const [j, text] of splitRows(texts).entries()) {
          const similarity = image.reduce((sum, value, k) => sum + value * text[k]!, 0);
          const { scale, bias } = { scale: Math.exp(2.5), bias: -1 };
          expect(scores.data[2 * i + j]).toBeCloseTo(1 / (1 + Math.exp(-(scale * similarity + bias))), 4);
        }
      }
      const [best] = await encoder.classify(pictures, CLASS_NAMES);
      expect(best!.map(({ label }) => label).sort()).toEqual([...CLASS_NAMES].sort());
    } finally {
      await encoder.dispose();
    }
  });
});

describe('loadCaptioner', () => {
  it('answers every kind of question with 256,000 pieces', async () => {
    const captioner = await loadCaptioner(await releasedModel({ ...HALF, decoder: true }));
    try {
      const limits = { maxTokens: 4 };
      const [caption] = await captioner.caption(pictures.slice(0, 1), { ...limits, beams: 2 });
      expect(caption!.logProbability).toBeLessThan(0);
      expect(await captioner.refer(pictures[0]!, ['the fox'], limits)).toHaveLength(1);
      const box = { y1: 0, x1: 0, y2: 1, x2: 0.5 };
      expect(await captioner.describe(pictures[0]!, [box], limits)).toHaveLength(1);
    } finally {
      await captioner.dispose();
    }
  });
});

/** All tensors of two models are the same to the bit. */
async function expectSame(one: string, other: string): Promise<void> {
  const [a, b] = [await openModelDirectory(one), await openModelDirectory(other)];
  expect([...a.weights.tensors.keys()].sort()).toEqual([...b.weights.tensors.keys()].sort());
  for (const name of a.weights.tensors.keys()) {
    const [x, y] = [await a.weights.readFloat32(name), await b.weights.readFloat32(name)];
    expect(Buffer.from(x.data.buffer).equals(Buffer.from(y.data.buffer)), name).toBe(true);
  }
  await a.weights.close();
  await b.weights.close();
}

describe('files', () => {
  it('a model is saved in shards, with its decoder, and is the same', async () => {
    const source = await releasedModel({ ...HALF, decoder: true });
    const model = await openModelDirectory(source);
    const decoder = (await openDecoder(source, model.config))!;
    const tensorsOf = ({ weights }: { weights: typeof model.weights }) =>
      [...weights.tensors].map(
        ([name, { dtype, shape }]) => [name, { dtype, shape, load: () => weights.read(name) }] as const,
      );
    const target = join(folder, 'saved');
    await saveModelDirectory(
      target,
      {
        config: model.config,
        preprocessor: model.preprocessor,
        tensors: tensorsOf(model),
        tokenizerJson: JSON.parse(readFileSync(model.tokenizerPath!, 'utf8')),
      },
      { maxShardBytes: 3e8 },
    );
    await saveDecoder(target, {
      config: decoder.config,
      format: decoder.format,
      tensors: tensorsOf(decoder),
    });
    await expectSame(source, target);
    const again = (await openDecoder(target, model.config))!;
    expect(again.config).toEqual(loccaDecoderConfig(model.config));
    for (const { weights } of [model, decoder, again]) await weights.close();
  });

  it('big_vision’s file of a model is that model', async () => {
    const source = await releasedModel({ variant: VARIANT });
    const model = await openModelDirectory(source);
    const path = join(folder, 'big_vision.npz');
    await writeBigVision(path, model);
    const checkpoint = await openBigVision(path);
    expect(checkpoint.config).toEqual(variantConfig(`google/siglip2-${VARIANT}`));
    const { config, preprocessor, tensors } = checkpoint;
    await saveModelDirectory(join(folder, 'converted'), { config, preprocessor, tensors });
    await checkpoint.close();
    await model.weights.close();
    await expectSame(source, join(folder, 'converted'));
  });

  it('safetensors of 800 MB are written and read', async () => {
    const table = new Float32Array(256_000 * 768).fill(0.5);
    table[table.length - 1] = 7;
    const path = join(folder, 'table.safetensors');
    await writeSafetensors(path, {
      table: ndarray('float32', [256_000, 768], table),
      ids: int32([2], [1, 2]),
    });
    const file = await openSafetensors(path);
    expect((await file.readFloat32('table')).data.at(-1)).toBe(7);
    expect((await file.read('ids')).data).toEqual(Int32Array.of(1, 2));
    await file.close();
  });

  it('are trimmed and exported by functions as by commands', async () => {
    const model = await openModelDirectory(await releasedModel(HALF));
    const trimmed = join(folder, 'trimmed');
    const { pieces } = await trimModel(model, TEXTS, trimmed, { dtype: 'float16' });
    expect(pieces.before).toBe(256_000);
    await model.weights.close();
    const small = await openModelDirectory(trimmed);
    const files = await exportOnnx(small, join(folder, 'onnx'), { dtype: 'float16' });
    expect(files.length).toBeGreaterThanOrEqual(3);
    await small.weights.close();
  });
});

describe('texts', () => {
  it('of 256,000 pieces are encoded, decoded and trimmed', async () => {
    const path = join(await releasedModel(HALF), 'tokenizer.json');
    const tokenizer = await loadTokenizer(path, { length: 64 });
    expect(tokenizer.vocabSize).toBe(256_000);
    const prompts = CLASS_NAMES.flatMap((name) => promptsFor(name, 'clip_best'));
    expect(tokenizer.encodeBatch(prompts).shape).toEqual([prompts.length, 64]);
    expect(tokenizer.decode(tokenizer.pieceIds('a red fox'))).toContain('red fox');
    const json: object = JSON.parse(readFileSync(path, 'utf8'));
    const { kept, tokenizerJson } = trimTokenizer(json, prompts);
    const small = await loadTokenizer(tokenizerJson, { length: 64 });
    for (const text of prompts.slice(0, 5))
      expect([...small.encode(text)].map((id) => kept[id])).toEqual([...tokenizer.encode(text)]);
  });

  it('of boxes are written and read', () => {
    const box = { y1: 0.25, x1: 0, y2: 0.5, x2: 1 };
    const text = formatBox(box);
    expect(boxArea(parseBox(text)!)).toBeCloseTo(0.25, 2);
    expect(intersectionOverUnion(findBox(`there: ${text}`)!, box)).toBeGreaterThan(0.98);
    const pixels = scaleBox(box, 384, 384);
    expect(normaliseBox(pixels, { height: 384, width: 384 })).toEqual(box);
  });
});

describe('pictures', () => {
  it('of forty megapixels become pixels of the released sizes', async () => {
    const path = join(folder, 'large.jpg');
    await sharp(pictures[0]).resize(8000, 5000, { fit: 'fill' }).toFile(path);
    const image = await decodeImage(path);
    expect([image.width, image.height]).toEqual([8000, 5000]);
    expect(preprocessFixed([image], fixedPreprocessing(384)).pixel_values.shape).toEqual([1, 3, 384, 384]);
    const { pixel_values, spatial_shapes } = preprocessNaflex([image], naflexPreprocessing(16, 1024));
    expect(pixel_values.shape).toEqual([1, 1024, 768]);
    const { height, width } = naflexSize(5000, 8000, 16, 1024);
    expect([...spatial_shapes.data]).toEqual([height / 16, width / 16]);
    const black = rgbImage(384, 384, new Uint8Array(384 * 384 * 3));
    const { data } = preprocessFixed([black], fixedPreprocessing(384)).pixel_values;
    const expected = float32([data.length], new Float32Array(data.length).fill(-1));
    expect(Buffer.from(data.buffer).equals(Buffer.from(expected.data.buffer))).toBe(true);
  });
});
