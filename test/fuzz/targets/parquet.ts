import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { parquet } from '../../../src/data/sources/parquet/parquet.ts';
import type { FuzzTarget } from '../harness/target.ts';
import { PNG } from './pixel.ts';
import { readsOf } from './reads.ts';

const CIFAR = new URL('../../data/sources/fixtures/cifar.parquet', import.meta.url);

/** As img2dataset writes it. */
const table = (codec: 'SNAPPY' | 'UNCOMPRESSED'): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      rowGroupSize: 2,
      codec,
      columnData: [
        { name: 'key', data: ['a', 'b', 'c'], type: 'STRING' },
        { name: 'caption', data: ['one', 'two', null], type: 'STRING', nullable: true },
        { name: 'jpg', data: [PNG, PNG, PNG], type: 'BYTE_ARRAY' },
      ],
    }),
  );

/** As the hub has it. */
const nested = (): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
        { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
        { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
        { name: 'text', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      ],
      columnData: [
        { name: 'image', data: [{ bytes: PNG, path: 'a.png' }, null] },
        { name: 'text', data: ['one', 'two'] },
      ],
    }),
  );

export const parquetTarget: FuzzTarget = {
  what: 'parquet files of images and captions',
  seeds: async () => [table('SNAPPY'), table('UNCOMPRESSED'), nested(), new Uint8Array(readFileSync(CIFAR))],
  // A thread for each stuck row group, twice: it is ended in between.
  patience: 60,
  memory: 1024,
  start: async (folder) => ({
    async read(input) {
      const path = join(folder, 'input.parquet');
      writeFileSync(path, input);
      return await readsOf(await parquet(path, { maxSilence: 1000, maxGroupBytes: 2 ** 26 }));
    },
  }),
};
