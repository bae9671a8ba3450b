import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { webdataset } from '../../../src/data/sources/webdataset/webdataset.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { patchHeader, tarOf } from '../../data/sources/tar.ts';
import type { FuzzTarget } from '../harness/target.ts';
import { mutateBytes } from '../mutators/bytes.ts';
import { NUMBERS } from '../mutators/interesting.ts';
import { PNG } from './pixel.ts';
import { readsOf } from './reads.ts';

const BLOCK = 512;

/** Writes a number in a header's size, in one of the forms that programs use. */
function changeSize(random: Random, header: Buffer): void {
  const number = random.pick(NUMBERS);
  if (random.int(2) === 0) {
    header.write(`${number.toString(8).slice(0, 11)}\0`, 124);
    return;
  }
  const field = Buffer.alloc(12);
  field.writeBigUInt64BE(BigInt.asUintN(64, number), 4);
  field.fill(number < 0n ? 0xff : 0, 0, 4);
  field[0] = random.pick([0x80, 0xff, 0x80 | random.int(128)]);
  header.set(field, 124);
}

/** Changes bytes, then mostly makes the checksums right again, without which nothing else is looked at. */
function mutateTar(random: Random, seed: Uint8Array, seeds: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.from(random.int(4) === 0 ? seed : mutateBytes(random, seed, seeds));
  const blocks = Math.floor(bytes.length / BLOCK);
  if (blocks === 0 || random.int(6) === 0) return bytes;
  if (random.int(2) === 0) {
    const at = BLOCK * random.int(blocks);
    changeSize(random, bytes.subarray(at, at + BLOCK));
  }
  // Wherever the blocks now are that were headers: they say so in themselves.
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK)
    if (bytes.subarray(at + 257, at + 262).toString() === 'ustar') patchHeader(bytes, at, () => {});
  return bytes;
}

async function seeds(): Promise<Uint8Array[]> {
  const long = `${'folder/'.repeat(30)}long.png`;
  const json = JSON.stringify({ key: 'k', caption: 'a cat', language: 'en', regions: [] });
  return await Promise.all([
    tarOf({ 'a.png': PNG, 'a.txt': 'a dot' }),
    tarOf({ 'a.png': PNG, 'a.json': json, 'b.png': PNG, 'b.txt': 'one\ntwo', 'b.cls': '7' }),
    tarOf({ [long]: PNG, [long.replace('png', 'txt')]: 'a long name', 'ü/ß.png': PNG, 'ü/ß.txt': 'x' }),
    tarOf({}),
  ]);
}

export const tarTarget: FuzzTarget = {
  what: 'WebDataset shards: tar archives and what is in their members',
  seeds,
  mutate: mutateTar,
  start: async (folder) => ({
    async read(input) {
      const path = join(folder, 'input.tar');
      writeFileSync(path, input);
      return await readsOf(await webdataset(path));
    },
  }),
};
