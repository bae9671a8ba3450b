import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';
import type { Random } from '../../../src/tensor/random.ts';
import type { FuzzTarget } from '../harness/target.ts';
import { mutateBytes } from '../mutators/bytes.ts';
import { mutateJson } from '../mutators/json.ts';

const encoder = new TextEncoder();

function fileOf(header: Uint8Array, data: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return new Uint8Array(Buffer.concat([length, header, data]));
}

const entry = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const SEEDS = [
  fileOf(
    encoder.encode(
      JSON.stringify({
        __metadata__: { format: 'pt', step: '3' },
        a: entry('F32', [2, 3], 0, 24),
        b: entry('BF16', [4], 24, 32),
        c: entry('I64', [], 32, 40),
      }),
    ),
    new Uint8Array(40),
  ),
  fileOf(
    encoder.encode(
      JSON.stringify({
        'x.weight': entry('F16', [3, 1], 0, 6),
        flags: entry('BOOL', [2], 6, 8),
        bytes: entry('U8', [0], 8, 8),
        other: entry('F8_E4M3', [4], 8, 12),
        ids: entry('I32', [1], 12, 16),
      }),
    ),
    new Uint8Array(16).fill(1),
  ),
];

/** Changes the header's values and keeps its length right, or changes any bytes. */
function mutateFile(random: Random, seed: Uint8Array, seeds: readonly Uint8Array[]): Uint8Array {
  if (random.int(3) === 0) return mutateBytes(random, seed, seeds);
  const length = Number(Buffer.from(seed).readBigUInt64LE());
  return fileOf(mutateJson(random, seed.subarray(8, 8 + length), seeds), seed.subarray(8 + length));
}

export const safetensorsTarget: FuzzTarget = {
  what: 'safetensors files, header and tensors',
  seeds: async () => SEEDS,
  mutate: mutateFile,
  start: async (folder) => ({
    async read(input) {
      const path = join(folder, 'input.safetensors');
      writeFileSync(path, input);
      const file = await openSafetensors(path);
      try {
        for (const [name, { dtype }] of file.tensors) {
          await file.read(name);
          if (/float/.test(dtype)) await file.readFloat32(name);
        }
        return `${file.tensors.size} tensors`;
      } finally {
        await file.close();
      }
    },
  }),
};
