import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';
import { expectRemedy } from '../remedy.ts';
import { FIXTURES, temporaryDirectory } from '../temporary.ts';

const directory = temporaryDirectory();
const path = join(directory, 'hostile.safetensors');

/** A file from raw header text, data and (possibly lying) header length. */
function file(header: string | Buffer, data = 0, length?: bigint): Buffer {
  const json = Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(json.length));
  return Buffer.concat([prefix, json, Buffer.alloc(data)]);
}

const tensor = (
  begin: number,
  end: number,
  shape: unknown = [(end - begin) / 4],
  dtype: unknown = 'F32',
) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
const header = (tensors: Record<string, unknown>) => JSON.stringify(tensors);

const CORPUS: readonly (readonly [string, Buffer, RegExp])[] = [
  ['empty file', Buffer.alloc(0), /0 bytes, too few/],
  ['three bytes', Buffer.alloc(3), /3 bytes, too few/],
  ['header length 2^64 - 1', file('{}', 0, 2n ** 64n - 1n), /more than maxHeaderBytes 16777216/],
  ['header over the cap', file('{}', 0, 2n ** 24n + 1n), /more than maxHeaderBytes 16777216/],
  ['header longer than the file', file('{}', 0, 2n ** 24n), /cut off/],
  ['header of length 0', file(''), /must begin with/],
  ['leading space', file(' {}'), /must begin with/],
  ['byte order mark', file('\ufeff{}'), /must begin with/],
  ['not JSON', file('{"a":'), /invalid JSON/],
  ['JSON followed by more', file('{}{}'), /invalid JSON/],
  ['zero padding', file('{}\0\0'), /invalid JSON/],
  ['invalid UTF-8', file(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), /UTF-8/],
  ['ten million open brackets', file(`{"a":${'['.repeat(1e7)}`), /nested deeper/],
  [
    'repeated tensor',
    file(`{"a":${header(tensor(0, 4))},"a":${header(tensor(4, 8))}}`, 8),
    /"a" appears twice/,
  ],
  [
    'repeated tensor, escaped',
    file(`{"a":${header(tensor(0, 4))},"\\u0061":${header(tensor(4, 8))}}`, 8),
    /twice/,
  ],
  [
    'repeated field',
    file('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
    /twice/,
  ],
  ['repeated metadata key', file('{"__metadata__":{"a":"1","a":"2"}}'), /twice/],
  ['metadata not strings', file('{"__metadata__":{"a":1}}'), /strings to strings/],
  ['metadata a list', file('{"__metadata__":[]}'), /strings to strings/],
  ['tensor is null', file('{"a":null}'), /must be \{dtype, shape, data_offsets\}/],
  ['unknown field', file(header({ a: { ...tensor(0, 4), extra: 1 } }), 4), /must be/],
  ['missing offsets', file('{"a":{"dtype":"F32","shape":[1]}}', 4), /must be/],
  ['three offsets', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', 4), /must be/],
  ['fractional dimension', file(header({ a: tensor(0, 4, [1.5]) }), 4), /must be/],
  ['negative dimension', file(header({ a: tensor(0, 4, [-1]) }), 4), /must be/],
  ['dimension beyond 2^53', file(header({ a: tensor(0, 4, [2 ** 60]) }), 4), /must be/],
  ['shape as text', file(header({ a: tensor(0, 4, '1') }), 4), /must be/],
  [
    'unknown dtype',
    file(header({ a: tensor(0, 4, [1], 'F33') }), 4),
    /dtype "F33"; convert it to one of BOOL/,
  ],
  [
    'dtype from the prototype',
    file(header({ a: tensor(0, 4, [1], 'constructor') }), 4),
    /dtype "constructor"/,
  ],
  ['half a byte', file(header({ a: tensor(0, 1, [3], 'F4') }), 1), /overflows or ends inside a byte/],
  ['overflowing shape', file(header({ a: tensor(0, 4, [2 ** 40, 2 ** 40]) }), 4), /overflows/],
  ['overflow hidden by a zero', file(header({ a: tensor(0, 0, [2 ** 40, 2 ** 40, 0]) })), /overflows/],
  ['size not that of the shape', file(header({ a: tensor(0, 8, [1]) }), 8), /spans 8 bytes, .* need 4/],
  ['end before begin', file(header({ a: tensor(8, 4, [1]) }), 8), /spans -4 bytes/],
  ['terabyte tensor in a small file', file(header({ a: tensor(0, 2 ** 42) }), 16), /cut off/],
  ['overlap', file(header({ a: tensor(0, 8), b: tensor(4, 12) }), 12), /"b" overlaps/],
  ['same span twice', file(header({ a: tensor(0, 8), b: tensor(0, 8) }), 8), /overlaps/],
  ['gap', file(header({ a: tensor(0, 4), b: tensor(8, 12) }), 12), /"b" leaves a gap/],
  ['gap at the start', file(header({ a: tensor(4, 8) }), 8), /"a" leaves a gap/],
  ['bytes after the last tensor', file(header({ a: tensor(0, 4) }), 5), /belong to no tensor/],
  ['bytes but no tensor', file('{}', 5), /belong to no tensor/],
  ['cut off data', file(header({ a: tensor(0, 400) }), 399), /cut off: .*; fetch or save it again/],
];

test.each(CORPUS)('%s', async (_, bytes, expected) => {
  writeFileSync(path, bytes);
  const before = process.memoryUsage().arrayBuffers;
  const error: unknown = await openSafetensors(path).catch((caught: unknown) => caught);
  expectRemedy(error);
  expect(String(error)).toMatch(expected);
  expect(String(error)).toContain(path);
  expect(String(error).length).toBeLessThan(600);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 2 ** 20);
});

test('a missing file and a directory are one clear error', async () => {
  for (const name of [join(directory, 'none'), directory])
    expectRemedy(await openSafetensors(name).catch((caught: unknown) => caught));
});

test('a larger header is read when told so', async () => {
  writeFileSync(path, file(`{"__metadata__":{"a":"${'x'.repeat(2 ** 24)}"}}`));
  await expect(openSafetensors(path)).rejects.toThrow(/maxHeaderBytes 16777216; .* raise maxHeaderBytes/);
  const opened = await openSafetensors(path, { maxHeaderBytes: 2 ** 25 });
  expect(opened.metadata['a']).toHaveLength(2 ** 24);
  await opened.close();
});

test('tensors of types that cannot be read are listed, and refused when asked for', async () => {
  const bytes = file(
    header({ a: tensor(0, 4), b: tensor(4, 12, [1], 'F64'), c: tensor(12, 14, [4], 'F4') }),
    14,
  );
  writeFileSync(path, bytes);
  const opened = await openSafetensors(path);
  expect([...opened.tensors.keys()]).toEqual(['a']);
  expect(Object.fromEntries(opened.unread)).toEqual({ b: 'F64', c: 'F4' });
  await expect(opened.read('b')).rejects.toThrow(/"b" has dtype "F64"; convert it to one of/);
  await opened.close();
});

test('names from JavaScript’s own objects are ordinary names', async () => {
  writeFileSync(path, file(`{"__proto__":${header(tensor(0, 4))},"constructor":${header(tensor(4, 8))}}`, 8));
  const opened = await openSafetensors(path);
  expect([...opened.tensors.keys()]).toEqual(['__proto__', 'constructor']);
  await opened.close();
});

test('booleans other than 0 and 1 are refused', async () => {
  writeFileSync(path, Buffer.concat([file(header({ a: tensor(0, 1, [1], 'BOOL') })), Buffer.of(7)]));
  const opened = await openSafetensors(path);
  await expect(opened.read('a')).rejects.toThrow(/bytes other than 0 and 1; fetch or save it again/);
  await opened.close();
});

test('any damage either still reads or is a CheckpointError', async () => {
  const original = readFileSync(join(FIXTURES, 'reference.safetensors'));
  const headerEnd = 8 + Number(original.readBigUInt64LE());
  const mutation = fc.record({ at: fc.nat({ max: headerEnd + 16 }), byte: fc.nat({ max: 255 }) });
  const damage = fc.tuple(
    fc.array(mutation, { minLength: 1, maxLength: 4 }),
    fc.option(fc.nat({ max: original.length })),
  );
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(damage, async ([mutations, cut]) => {
      const bytes = Buffer.from(original);
      for (const { at, byte } of mutations) bytes[at] = byte;
      writeFileSync(path, cut === null ? bytes : bytes.subarray(0, cut));
      try {
        const opened = await openSafetensors(path);
        try {
          for (const name of opened.tensors.keys()) await opened.read(name);
        } finally {
          await opened.close();
        }
      } catch (error) {
        refused++;
        expectRemedy(error);
      }
    }),
    { numRuns: 1500 },
  );
  expect(refused).toBeGreaterThan(500);
});
