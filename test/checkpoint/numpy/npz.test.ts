import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openNpz } from '../../../src/checkpoint/numpy/npz.ts';
import { float32 } from '../../../src/tensor/ndarray.ts';
import { expectRemedy } from '../remedy.ts';
import { temporaryDirectory } from '../temporary.ts';
import { npy, zip64 } from './storedZip.ts';

const path = join(temporaryDirectory(), 'archive.npz');

async function open(members: readonly { name: string; bytes: Buffer }[], comment?: string) {
  writeFileSync(path, zip64(members, comment));
  return openNpz(path);
}

test('archives with 64-bit sizes and offsets, and a comment that looks like an end record', async () => {
  const a = { name: 'params/a.npy', bytes: npy([2, 3], [1, 2, 3, 4, 5, 6]) };
  const b = { name: 'params/b.npy', bytes: npy([], [7]) };
  const npz = await open([a, b, { name: 'c.npy', bytes: npy([0], []) }], 'PK\x05\x06 comment');
  expect([...npz.arrays.keys()]).toEqual(['params/a', 'params/b', 'c']);
  expect(await npz.read('params/a')).toEqual(float32([2, 3], [1, 2, 3, 4, 5, 6]));
  expect(await npz.read('params/a', 1)).toEqual(float32([3], [4, 5, 6]));
  expect(await npz.read('params/b')).toEqual(float32([], [7]));
  expect(await npz.read('c')).toEqual(float32([0], []));
  await expect(npz.read('params/a', 2)).rejects.toThrow(/has no row 2/);
  await expect(npz.read('d')).rejects.toThrow(/has no array "d"/);
  await npz.close();
});

const header = (descr: string, order: string, shape: string) =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;

test.each([
  ['no magic', Buffer.alloc(64, 1), /is not a \.npy array/],
  ['too short', Buffer.from('\x93NUMPY', 'latin1'), /is not a \.npy array/],
  ['shorter than its shape', npy([4], [1, 2, 3]), /is 12 bytes long, but \[4\] of float32 needs 16/],
  ['longer than its shape', npy([2], [1, 2, 3]), /is 12 bytes long, but \[2\] of float32 needs 8/],
  ['overflowing shape', npy([2 ** 40, 2 ** 40], []), /is 0 bytes long/],
  [
    'pickled objects',
    npy([1], [1], header('|O', 'False', '(1,)')),
    /has numpy type "\|O"; convert it to one of/,
  ],
  ['big-endian', npy([1], [1], header('>f4', 'False', '(1,)')), /has numpy type ">f4"/],
  [
    'a structured type',
    npy([1], [1], "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"),
    /cannot be understood/,
  ],
  ['code in the header', npy([1], [1], '__import__("os").system("true")'), /cannot be understood/],
  ['a negative size', npy([1], [1], header('<f4', 'False', '(-1,)')), /cannot be understood/],
])('refuses an array with %s', async (_, bytes, message) => {
  const error: unknown = await open([{ name: 'a.npy', bytes }]).catch((caught: unknown) => caught);
  expectRemedy(error);
  expect(String(error)).toMatch(message);
});

test('refuses two members of one name', async () => {
  const member = { name: 'a.npy', bytes: npy([1], [1]) };
  await expect(open([member, member])).rejects.toThrow(/"a\.npy" appears twice; fetch or save it again/);
});
