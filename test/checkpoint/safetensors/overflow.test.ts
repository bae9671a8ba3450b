import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportOnnx } from '../../../src/checkpoint/export/exportOnnx.ts';
import { openModelDirectory, saveModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { castFloat, narrowInto } from '../../../src/checkpoint/safetensors/castFloat.ts';
import { TensorOverflowError } from '../../../src/checkpoint/safetensors/storedAs.ts';
import { trimModel } from '../../../src/checkpoint/trimModel.ts';
import { twoTowers } from '../../../src/model/twoTowers.ts';
import { initializeParameters } from '../../../src/nn/initialize.ts';
import { float32 } from '../../../src/tensor/ndarray.ts';
import type { PreparedRecipe } from '../../../src/train/recipe/recipe.ts';
import { saveTrainedModel } from '../../../src/train/run/saveModel.ts';
import { PREPROCESSORS, smallTokenizer, temporaryFolder, tinyConfig } from '../../cli/models.ts';
import { cli } from '../../cli/testIo.ts';

const folder = temporaryFolder();
const MODEL = join(folder, 'large');
const DATA = join(folder, 'data');
const LARGE = ['vision_model.post_layernorm.bias', 'text_model.encoder.layers.0.mlp.fc1.bias'];

const tokenizerJson = smallTokenizer();
const config = tinyConfig('fixed', Object.keys(tokenizerJson.model.vocab).length);
const parameters = initializeParameters(twoTowers(config, { images: 1, texts: 1 }).parameters, 7);

beforeAll(async () => {
  // One beyond float16's largest number and one that only just rounds to infinity.
  for (const [i, name] of LARGE.entries()) parameters.get(name)!.data[1] = [-7e4, 65_520][i]!;
  await saveModelDirectory(MODEL, {
    config,
    preprocessor: PREPROCESSORS.fixed,
    tensors: parameters,
    tokenizerJson,
  });
  for (const [i, name] of ['red', 'blue'].entries()) {
    mkdirSync(join(DATA, name), { recursive: true });
    const background = { r: 250 * (1 - i), g: 20, b: 250 * i };
    const image = sharp({ create: { width: 16, height: 16, channels: 3, background } });
    await image.png().toFile(join(DATA, name, 'a.png'));
  }
});

const overflow = (instead = 'bfloat16 or float32') =>
  new RegExp(
    `cannot be stored as float16: .*post_layernorm.bias.* \\(1 of \\d+ numbers are beyond ±65504.*fc1.bias.*; use ${instead}`,
  );

describe('numbers that float16 cannot hold', () => {
  it('never become infinite in silence', () => {
    expect(() => castFloat(float32([3], [1, 65_520, -1e9]), 'float16')).toThrow(
      '2 of 3 numbers are beyond ±65504, the largest of float16',
    );
    expect(() => castFloat(float32([2], [3.4e38, 1]), 'bfloat16')).toThrow(/1 of 2 numbers are beyond/);
    // The largest that rounds to a half, and what was infinite or no number before.
    const kept = castFloat(float32([3], [65_519, Number.NEGATIVE_INFINITY, Number.NaN]), 'float16');
    expect([...kept.data]).toEqual([0x7bff, 0xfc00, 0x7e00]);
  });

  it('are named, all of them, when a model is exported or trimmed, and nothing is written', async () => {
    const model = await openModelDirectory(MODEL);
    const onnx = join(folder, 'onnx');
    const refused = await exportOnnx(model, onnx, { dtype: 'float16' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TensorOverflowError);
    expect(String(refused)).toMatch(overflow('float32'));
    expect((refused as TensorOverflowError).tensors).toEqual(LARGE);
    await expect(exportOnnx(model, onnx, { dtype: 'float16', maxInlineBytes: 1 })).rejects.toThrow(
      TensorOverflowError,
    );
    expect(readdirSync(join(onnx, 'onnx'))).toEqual([]);
    const trimmed = join(folder, 'trimmed');
    await expect(trimModel(model, ['a cat'], trimmed, { dtype: 'float16' })).rejects.toThrow(overflow());
    expect(existsSync(trimmed)).toBe(false);
    expect((await trimModel(model, ['a cat'], trimmed, { dtype: 'bfloat16' })).bytes.after).toBeGreaterThan(
      0,
    );
    await model.weights.close();
    const { code, err } = await cli(['export', '--model', MODEL, '--dtype', 'float16', '--output', onnx]);
    expect([code, err]).toEqual([1, expect.stringMatching(overflow('float32'))]);
  });

  it('are refused by what saves a recipe’s model', async () => {
    const target = join(folder, 'recipe-model');
    const recipe = { config, preprocessor: PREPROCESSORS.fixed, tokenizerJson, saveAs: 'float16' };
    await expect(saveTrainedModel(target, recipe as unknown as PreparedRecipe, parameters)).rejects.toThrow(
      overflow(),
    );
    expect(existsSync(target)).toBe(false);
  });
});

describe('siglip2 finetune', () => {
  const args = (output: string) => [
    ...['finetune', '--model', MODEL, '--data', DATA, '--output', join(folder, output), '--threads', '1'],
    ...['--steps', '1', '--warmup', '0', '--batch', '2', '--validation', '0', '--json'],
  ];

  it('saves as float32 what float16 cannot hold, and says so', async () => {
    const { code, err, json } = await cli([...args('half'), '--save-as', 'float16']);
    expect(code, err).toBe(0);
    expect(err).toMatch(overflow());
    expect(err).toMatch(/the model was saved as float32 instead/);
    expect(json().at(-1)).toMatchObject({ finished: true, savedAs: 'float32' });
    const { weights } = await openModelDirectory(join(folder, 'half/model'));
    expect(new Set([...weights.tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['float32']));
    await weights.close();
  });

  it('keeps the training when the model cannot be written, and writes it when started again', async () => {
    mkdirSync(join(folder, 'blocked'));
    writeFileSync(join(folder, 'blocked/model'), 'a file where the folder goes');
    const first = await cli(args('blocked'));
    expect([first.code, first.err]).toEqual([
      1,
      expect.stringMatching(/model cannot be written: .*the training is done and kept in .*blocked\/run/),
    ]);
    rmSync(join(folder, 'blocked/model'));
    const second = await cli(args('blocked'));
    expect(second.code, second.err).toBe(0);
    expect(second.json()).toMatchObject([{ finished: true, step: 1 }]);
    await (await openModelDirectory(join(folder, 'blocked/model'))).weights.close();
  });
});

it('narrowing may be done in the source’s own memory', () => {
  const values = float32([5], [1, -2, 3.5, 0, 65_504]).data;
  const narrow = new Uint16Array(values.buffer, 0, 5);
  expect(narrowInto(narrow, values, 'float16')).toBe(0);
  expect([...narrow]).toEqual([0x3c00, 0xc000, 0x4300, 0, 0x7bff]);
});
