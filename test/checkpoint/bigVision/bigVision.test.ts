import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBigVision } from '../../../src/checkpoint/bigVision/bigVision.ts';
import { openModelDirectory, saveModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { openNpz } from '../../../src/checkpoint/numpy/npz.ts';
import { permute } from '../../../src/checkpoint/numpy/permute.ts';
import { castFloat, type FloatDType } from '../../../src/checkpoint/safetensors/castFloat.ts';
import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';
import { int32, type NdArray } from '../../../src/tensor/ndarray.ts';
import { expectRemedy } from '../remedy.ts';
import { FIXTURES, temporaryDirectory } from '../temporary.ts';

const directory = temporaryDirectory();
const fixture = (name: string) => join(FIXTURES, name);

const tower = { hiddenSize: 16, intermediateSize: 24, layers: 2, heads: 2, layerNormEps: 1e-6 };
const VISION = { ...tower, patchSize: 8, channels: 3, useHead: true };
const CONFIGS = {
  fixed: {
    vision: { ...VISION, kind: 'fixed', imageSize: 24, numPatches: 9 },
    text: { ...tower, vocabSize: 20, length: 8, projectionSize: 16 },
  },
  naflex: {
    vision: { ...VISION, kind: 'naflex', numPatches: 16 },
    text: { ...tower, hiddenSize: 12, heads: 3, layers: 1, vocabSize: 20, length: 8, projectionSize: 16 },
  },
} as const;

const ARCHIVES: readonly (readonly [string, 'fixed' | 'naflex', FloatDType])[] = [
  ['fixed_scan_training.npz', 'fixed', 'float32'],
  ['fixed_fortran.npz', 'fixed', 'float32'],
  ['naflex_f16.npz', 'naflex', 'float16'],
  ['naflex_scan_bf16_deflated.npz', 'naflex', 'bfloat16'],
];

async function expected(kind: 'fixed' | 'naflex', dtype: FloatDType): Promise<Map<string, NdArray>> {
  const file = await openSafetensors(fixture(`bigvision_${kind}.safetensors`));
  const arrays = new Map<string, NdArray>();
  for (const name of file.tensors.keys()) arrays.set(name, castFloat(await file.read(name), dtype));
  await file.close();
  return arrays;
}

test.each(ARCHIVES)('%s holds the Hugging Face model', async (name, kind, dtype) => {
  const checkpoint = await openBigVision(fixture(name));
  expect(checkpoint.config).toEqual(CONFIGS[kind]);
  const reference = await expected(kind, dtype);
  expect([...checkpoint.tensors.keys()].sort()).toEqual([...reference.keys()].sort());
  for (const [tensor, array] of reference) {
    const lazy = checkpoint.tensors.get(tensor)!;
    expect([tensor, lazy.dtype, lazy.shape]).toEqual([tensor, dtype, array.shape]);
    expect([tensor, await lazy.load()]).toEqual([tensor, array]);
  }
  await checkpoint.close();
});

test('converts to a model directory', async () => {
  const path = join(directory, 'converted');
  const checkpoint = await openBigVision(fixture('naflex_f16.npz'));
  await saveModelDirectory(path, checkpoint);
  await checkpoint.close();
  const model = await openModelDirectory(path);
  expect(model.config).toEqual(CONFIGS.naflex);
  expect(model.preprocessor).toMatchObject({
    kind: 'naflex',
    patchSize: 8,
    maxNumPatches: 256,
    resample: 'bilinear',
  });
  for (const [name, array] of await expected('naflex', 'float16'))
    expect(await model.weights.read(name)).toEqual(array);
  await model.weights.close();
});

test('permute agrees with indexing', () => {
  const shape = [2, 3, 4];
  const source = int32(
    shape,
    Array.from({ length: 24 }, (_, i) => i),
  );
  for (const axes of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    const out = permute(source, axes);
    expect(out.shape).toEqual(axes.map((axis) => shape[axis]));
    const [, b, c] = out.shape as [number, number, number];
    for (let i = 0; i < 24; i++) {
      const at = [Math.floor(i / (b * c)), Math.floor(i / c) % b, i % c];
      const index = [0, 0, 0];
      for (const [position, axis] of axes.entries()) index[axis] = at[position]!;
      expect(out.data[i]).toBe(index[0]! * 12 + index[1]! * 4 + index[2]!);
    }
  }
});

describe('damaged archives', () => {
  const original = readFileSync(fixture('naflex_f16.npz'));
  const path = join(directory, 'damaged.npz');

  async function readEverything(bytes: Buffer): Promise<void> {
    writeFileSync(path, bytes);
    const checkpoint = await openBigVision(path);
    try {
      for (const tensor of checkpoint.tensors.values()) await tensor.load();
    } finally {
      await checkpoint.close();
    }
  }

  test('a flipped bit in the data is noticed by its checksum', async () => {
    const bytes = Buffer.from(original);
    const npz = await openNpz(fixture('naflex_f16.npz'));
    const array = await npz.read('params/txt/Embed_0/embedding');
    await npz.close();
    const at = bytes.indexOf(Buffer.from(array.data.buffer));
    expect(at).toBeGreaterThan(0);
    bytes[at + 3]! ^= 1;
    await expect(readEverything(bytes)).rejects.toThrow(
      /params\/txt\/Embed_0\/embedding\.npy" is damaged \(checksum\); fetch or save it again/,
    );
  });

  test.each([
    ['empty', Buffer.alloc(0), /end record/],
    ['not a zip', Buffer.alloc(4096), /end record/],
    ['cut off', original.subarray(0, original.length - 30), /end record/],
    ['start missing', original.subarray(1000), /damaged|outside|lie inside/],
  ])('%s', async (_, bytes, message) => {
    await expect(readEverything(bytes)).rejects.toThrow(message);
    expectRemedy(await readEverything(bytes).catch((error: unknown) => error));
  });

  test('a pickled object array and an unknown type are refused by name', async () => {
    for (const code of ['|O', '<f8']) {
      const bytes = Buffer.from(original);
      for (let at = bytes.indexOf("'<f2'"); at >= 0; at = bytes.indexOf("'<f2'"))
        bytes.write(`'${code.padEnd(3)}'`, at);
      await expect(readEverything(bytes)).rejects.toThrow(/has numpy type/);
    }
  });

  test('an array that belongs to no model is named', async () => {
    const bytes = Buffer.from(
      original.toString('latin1').replaceAll('params/txt/head/bias', 'params/txt/head/boss'),
      'latin1',
    );
    await expect(readEverything(bytes)).rejects.toThrow(
      /has no array "params\/txt\/head\/bias"; use a SigLIP 2 checkpoint/,
    );
  });

  test('any damage either still reads or is a CheckpointError', async () => {
    const small = readFileSync(fixture('naflex_scan_bf16_deflated.npz'));
    const ends = [small.length - 4000, small.length - 1];
    // Half of the damage goes to the directory at the end, where all the offsets are.
    const at = fc.oneof(fc.nat({ max: small.length - 1 }), fc.integer({ min: ends[0]!, max: ends[1]! }));
    const mutation = fc.record({ at, byte: fc.nat({ max: 255 }) });
    const damage = fc.tuple(
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      fc.option(fc.nat({ max: small.length })),
    );
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(damage, async ([mutations, cut]) => {
        const bytes = Buffer.from(small);
        for (const { at: position, byte } of mutations) bytes[position] = byte;
        try {
          await readEverything(cut === null ? bytes : bytes.subarray(0, cut));
        } catch (error) {
          refused++;
          expectRemedy(error);
        }
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
