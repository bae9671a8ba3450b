import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHECKSUMS_KEY } from '../../../src/checkpoint/files/checksums.ts';
import { openModelDirectory, saveModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { openWeights } from '../../../src/checkpoint/huggingFace/weights.ts';
import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';
import { writeSafetensors } from '../../../src/checkpoint/safetensors/writer.ts';
import { load } from '../../../src/encoder/load.ts';
import { float32, ndarray } from '../../../src/tensor/ndarray.ts';
import { saveTinyModel } from '../../cli/fixtures.ts';
import { expectRemedy } from '../remedy.ts';
import { temporaryDirectory } from '../temporary.ts';
import { countingTensors, FIXED, FIXED_PREPROCESSOR } from '../tinyModel.ts';

const folder = temporaryDirectory();
const tensors = {
  weight: float32(
    [3, 4],
    Array.from({ length: 12 }, (_, i) => i / 8),
  ),
  half: ndarray('float16', [2], Uint16Array.of(0x3c00, 0x4000)),
  __proto__x: float32([1], [1]),
  empty: float32([0], []),
};

/** Flips one bit of a file. */
function flip(path: string, byte: number, bit = 0): void {
  const bytes = readFileSync(path);
  bytes[byte]! ^= 1 << bit;
  writeFileSync(path, bytes);
}

async function readAll(path: string): Promise<void> {
  const file = await openSafetensors(path);
  try {
    for (const name of file.tensors.keys()) {
      await file.read(name);
      await file.scan(name, () => {});
    }
  } finally {
    await file.close();
  }
}

const path = join(folder, 'saved.safetensors');
const write = (): Promise<void> =>
  writeSafetensors(path, tensors, { metadata: { format: 'pt', step: '7' }, checksums: true });

test('are those that any program computes', async () => {
  await write();
  const file = await openSafetensors(path);
  expect(file.metadata).toMatchObject({ format: 'pt', step: '7' });
  const said = JSON.parse(file.metadata[CHECKSUMS_KEY]!) as { crc32: Record<string, string> };
  const { offset, byteLength } = file.tensors.get('weight')!;
  const bytes = readFileSync(path).subarray(offset, offset + byteLength);
  expect(said.crc32['weight']).toBe(crc32(bytes).toString(16).padStart(8, '0'));
  await file.close();
  await readAll(path);
});

test('any flipped bit of a file is found', async () => {
  await write();
  const whole = readFileSync(path);
  const damaged = join(folder, 'damaged.safetensors');
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 7 }), async (byte, bit) => {
      const bytes = Buffer.from(whole);
      bytes[byte]! ^= 1 << bit;
      // A file that does not say any more that it has checksums is one without.
      if (!bytes.includes(`"${CHECKSUMS_KEY}"`)) return;
      writeFileSync(damaged, bytes);
      await expect(readAll(damaged)).rejects.toThrow(/damaged\.safetensors: /);
    }),
    { numRuns: 300 },
  );
});

test('name the tensor', async () => {
  await write();
  const file = await openSafetensors(path);
  const { offset } = file.tensors.get('weight')!;
  await file.close();
  flip(path, offset + 9, 6);
  const again = await openSafetensors(path);
  await again.read('half');
  for (const reading of [
    () => again.read('weight'),
    () => again.readFloat32('weight'),
    () => again.scan('weight', () => {}),
  ]) {
    const error: unknown = await reading().catch((one: unknown) => one);
    expect(String(error)).toMatch(/saved\.safetensors: tensor "weight" is not what was saved \(checksum\)/);
    expectRemedy(error);
  }
  await again.close();
});

test('a file without them reads as ever', async () => {
  await writeSafetensors(path, tensors, { metadata: { format: 'pt' } });
  const file = await openSafetensors(path);
  const { offset } = file.tensors.get('weight')!;
  await file.close();
  flip(path, offset + 9, 6);
  await readAll(path);
});

test('the same tensors in another order, as another program may write them, read', async () => {
  await write();
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, object>;
  const { __metadata__: metadata, ...rest } = header;
  const turned = Buffer.from(JSON.stringify({ ...rest, __metadata__: metadata }).padEnd(length));
  writeFileSync(path, Buffer.concat([bytes.subarray(0, 8), turned, bytes.subarray(8 + length)]));
  await readAll(path);
});

test('an encoder finds a flipped bit in what its engine maps, and a file that is cut off', async () => {
  const model = await saveTinyModel(join(folder, 'model'));
  const weights = join(model, 'model.safetensors');
  const whole = join(folder, 'whole.safetensors');
  copyFileSync(weights, whole);
  const file = await openSafetensors(weights);
  const name = 'vision_model.encoder.layers.0.mlp.fc1.weight';
  const { offset } = file.tensors.get(name)!;
  await file.close();
  flip(weights, offset + 2);
  const encoder = await load(model, { threads: 1 });
  expect((await encoder.embedTexts(['a'])).shape[0]).toBe(1);
  const image = { width: 4, height: 4, data: new Uint8Array(48) };
  await expect(encoder.embedImages([image])).rejects.toThrow(
    /model\.safetensors: tensor "vision_model\.encoder\.layers\.0\.mlp\.fc1\.weight" is not what was saved/,
  );
  await encoder.dispose();
  copyFileSync(whole, weights);
  truncateSync(weights, offset);
  await expect(load(model)).rejects.toThrow(/model\.safetensors: is cut off/);
});

test('weights that were replaced under a loaded model are not mixed with those that it has', async () => {
  const model = await saveTinyModel(join(folder, 'replaced'));
  const encoder = await load(model, { threads: 1 });
  await encoder.embedTexts(['a']);
  await saveTinyModel(model);
  await expect(encoder.imageFeatures([{ width: 4, height: 4, data: new Uint8Array(48) }])).rejects.toThrow(
    /model\.safetensors: was replaced after it was opened; load the model again/,
  );
  await encoder.dispose();
});

test('a model says its step, and shards of two steps are not one model', async () => {
  const contents = { config: FIXED, preprocessor: FIXED_PREPROCESSOR, tensors: countingTensors(FIXED) };
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  await saveModelDirectory(one, { ...contents, step: 12 }, { maxShardBytes: 8192 });
  await saveModelDirectory(two, { ...contents, step: 40 }, { maxShardBytes: 8192 });
  const { weights } = await openModelDirectory(one);
  expect(weights.step).toBe(12);
  await weights.close();
  const index = join(one, 'model.safetensors.index.json');
  const shard = (JSON.parse(readFileSync(index, 'utf8')) as { weight_map: Record<string, string> })
    .weight_map['logit_bias']!;
  copyFileSync(join(two, shard), join(one, shard));
  await expect(openWeights(index)).rejects.toThrow(/is of step (12|40), another file of step (12|40); fetch/);
});
