import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { openNpz } from '../../../src/checkpoint/numpy/npz.ts';
import { npy, zip64 } from '../../checkpoint/numpy/storedZip.ts';
import type { FuzzTarget } from '../harness/target.ts';

/** As `np.savez_compressed` writes it. */
function deflated(name: string, bytes: Buffer): Uint8Array {
  const packed = deflateRawSync(bytes);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(bytes), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(bytes.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\0'),
    common,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return new Uint8Array(Buffer.concat([local, central, Buffer.from('PK\x05\x06'), end]));
}

const member = (name: string, shape: number[], values: number[], header?: string) => ({
  name: `${name}.npy`,
  bytes: npy(shape, values, header),
});

const SEEDS = [
  new Uint8Array(zip64([member('params/a', [2, 3], [1, 2, 3, 4, 5, 6]), member('b', [1], [7])], 'note')),
  new Uint8Array(
    zip64([
      member('f', [2, 2], [1, 2, 3, 4], "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }"),
      member('h', [4], [1, 2], "{'descr': '<f2', 'fortran_order': False, 'shape': (4,), }"),
    ]),
  ),
  deflated('params/c.npy', npy([3, 2], [1, 2, 3, 4, 5, 6])),
];

export const npzTarget: FuzzTarget = {
  what: 'npz archives: zip, deflate and the headers of arrays',
  seeds: async () => SEEDS,
  start: async (folder) => ({
    async read(input) {
      const path = join(folder, 'input.npz');
      writeFileSync(path, input);
      const file = await openNpz(path);
      try {
        for (const [name, { shape }] of file.arrays) {
          await file.read(name);
          for (let row = 0; row < Math.min(shape[0] ?? 0, 3); row++) await file.read(name, row);
        }
        return `${file.arrays.size} arrays`;
      } finally {
        await file.close();
      }
    },
  }),
};
