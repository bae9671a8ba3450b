import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';
import { type LazyTensor, writeSafetensors } from '../../../src/checkpoint/safetensors/writer.ts';
import {
  byteWidth,
  type DType,
  float32,
  type NdArray,
  ndarray,
  sizeOf,
  zeros,
} from '../../../src/tensor/ndarray.ts';
import { FIXTURES, temporaryDirectory } from '../temporary.ts';

const directory = temporaryDirectory();
const REFERENCE = join(FIXTURES, 'reference.safetensors');
const RAMP = Array.from({ length: 12 }, (_, i) => i / 8 - 0.5);

async function readAll(path: string): Promise<Map<string, NdArray>> {
  const file = await openSafetensors(path);
  const arrays = new Map<string, NdArray>();
  for (const name of file.tensors.keys()) arrays.set(name, await file.read(name));
  await file.close();
  return arrays;
}

test('reads what the reference implementation wrote', async () => {
  const file = await openSafetensors(REFERENCE);
  expect(file.metadata).toEqual({ format: 'pt' });
  expect(file.tensors.size).toBe(12);
  expect((await file.read('weight')).shape).toEqual([3, 4]);
  for (const name of ['weight', 'half', 'brain']) {
    // Multiples of 1/8 below 1 are exact in every float width.
    expect([...(await file.readFloat32(name)).data]).toEqual(RAMP);
  }
  expect([...(await file.read('ints')).data]).toEqual([-1, 0, 2 ** 31 - 1]);
  expect([...(await file.read('longs')).data]).toEqual([-(2n ** 53n), 2n ** 62n]);
  expect([...(await file.read('flags')).data]).toEqual([1, 0, 1]);
  expect(await file.read('scalar')).toEqual(float32([], [2.5]));
  expect(await file.read('empty')).toEqual(float32([0, 3], []));
  expect([...(await file.readFloat32('näme "quoted" 日本')).data]).toEqual([3]);
  await file.close();
});

test('a tensor lies at its public offset in the file', async () => {
  const file = await openSafetensors(REFERENCE);
  const entry = file.tensors.get('weight')!;
  await file.close();
  const bytes = readFileSync(REFERENCE).subarray(entry.offset, entry.offset + entry.byteLength);
  expect([...new Float32Array(Uint8Array.from(bytes).buffer)]).toEqual(RAMP);
});

test('writes byte for byte what the reference implementation writes, in any order of input', async () => {
  const arrays = [...(await readAll(REFERENCE))];
  const path = join(directory, 'copy.safetensors');
  for (const input of [arrays, arrays.toReversed(), new Map(arrays), Object.fromEntries(arrays)]) {
    await writeSafetensors(path, input, { metadata: { format: 'pt' } });
    expect(readFileSync(path).equals(readFileSync(REFERENCE))).toBe(true);
  }
});

const dtypes: readonly DType[] = ['float32', 'float16', 'bfloat16', 'int32', 'int64', 'uint8', 'bool'];

const arrayArbitrary: fc.Arbitrary<NdArray> = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat({ max: 4 }), { maxLength: 4 }))
  .chain(([dtype, shape]) => {
    const length = byteWidth(dtype) * sizeOf(shape);
    const byte = fc.nat({ max: dtype === 'bool' ? 1 : 255 });
    return fc.array(byte, { minLength: length, maxLength: length }).map((bytes) => {
      const array = zeros<DType>(dtype, shape);
      new Uint8Array(array.data.buffer).set(bytes);
      return array;
    });
  });

const fileArbitrary = fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), arrayArbitrary), {
  selector: ([name]) => name,
  maxLength: 6,
});

/** NaN payloads count, so compare bytes. */
const bytes = (array: NdArray) =>
  Buffer.from(array.data.buffer, array.data.byteOffset, array.data.byteLength);

test('round trip of any tensors and metadata', async () => {
  const path = join(directory, 'round.safetensors');
  const metadataArbitrary = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(fileArbitrary, metadataArbitrary, async (tensors, metadata) => {
      await writeSafetensors(path, tensors, { metadata });
      const file = await openSafetensors(path);
      expect(file.metadata).toEqual(metadata);
      expect([...file.tensors.keys()].sort()).toEqual(tensors.map(([name]) => name).sort());
      for (const [name, array] of tensors) {
        const back = await file.read(name);
        expect([back.dtype, back.shape]).toEqual([array.dtype, array.shape]);
        expect(bytes(back).equals(bytes(array))).toBe(true);
      }
      await file.close();
    }),
    { numRuns: 200 },
  );
});

test('a metadata key from JavaScript’s own objects is an ordinary key', async () => {
  const path = join(directory, 'proto.safetensors');
  const metadata = Object.fromEntries([['__proto__', 'a']]);
  await writeSafetensors(path, {}, { metadata });
  const file = await openSafetensors(path);
  expect(Object.entries(file.metadata)).toEqual([['__proto__', 'a']]);
  await file.close();
});

test('lazy tensors are loaded one by one, in file order', async () => {
  const order: string[] = [];
  const lazy = (name: string): [string, LazyTensor] => [
    name,
    {
      dtype: 'float32',
      shape: [2],
      load: async () => {
        order.push(name);
        return float32([2], [1, 2]);
      },
    },
  ];
  await writeSafetensors(join(directory, 'lazy.safetensors'), [lazy('b'), lazy('a')]);
  expect(order).toEqual(['a', 'b']);
});

test('a failed write leaves the old file and no temporary one', async () => {
  const folder = join(directory, 'failing');
  const path = join(folder, 'model.safetensors');
  await writeSafetensors(path, { a: float32([1], [1]) });
  const before = readFileSync(path);
  const broken: LazyTensor = { dtype: 'float32', shape: [3], load: async () => float32([2], [1, 2]) };
  await expect(writeSafetensors(path, { broken })).rejects.toThrow(/"broken" should be float32\[3\]/);
  expect(readdirSync(folder)).toEqual(['model.safetensors']);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('refuses reserved and repeated names', async () => {
  const path = join(directory, 'names.safetensors');
  const one = ndarray('uint8', [1], Uint8Array.of(1));
  await expect(writeSafetensors(path, { __metadata__: one })).rejects.toThrow(/cannot name a tensor/);
  await expect(
    writeSafetensors(path, [
      ['a', one],
      ['a', one],
    ]),
  ).rejects.toThrow(/same name/);
});

test('says which tensor is missing or not a float', async () => {
  const file = await openSafetensors(REFERENCE);
  await expect(file.read('nothing')).rejects.toThrow('has no tensor "nothing"');
  await expect(file.readFloat32('ints')).rejects.toThrow('"ints" has dtype int32, expected a float');
  await file.close();
});
