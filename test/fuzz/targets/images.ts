import { readdirSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { decodeImage } from '../../../src/input/image/decode/decodeImage.ts';
import { RASTER_FORMATS } from '../../../src/input/image/decode/imageFormat.ts';
import { checkImage } from '../../../src/input/image/rgbImage.ts';
import type { Random } from '../../../src/tensor/random.ts';
import type { FuzzTarget } from '../harness/target.ts';
import { mutateBytes } from '../mutators/bytes.ts';

/** Every format, depth and colour model that is read. */
const FOLDER = new URL('../../../parity/fixtures/images/', import.meta.url);

/** A photograph needs more; none of the seeds does. */
const MAX_PIXELS = 4e6;

const isPng = (bytes: Uint8Array): boolean => bytes[0] === 0x89 && bytes[1] === 0x50;

/** Makes the checksums of a PNG's chunks right, as far as its chunks can be followed. */
function sealPng(bytes: Buffer): Buffer {
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return bytes;
}

function mutateImage(random: Random, seed: Uint8Array, seeds: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.from(mutateBytes(random, seed, seeds));
  return isPng(bytes) && random.int(4) > 0 ? sealPng(bytes) : bytes;
}

export const imagesTarget: FuzzTarget = {
  what: 'image files of every format that is read from strangers',
  seeds: async () =>
    readdirSync(FOLDER)
      .filter((name) => !name.startsWith('arrays'))
      .sort()
      .map((name) => new Uint8Array(readFileSync(new URL(name, FOLDER)))),
  mutate: mutateImage,
  memory: 192,
  start: async () => ({
    async read(input) {
      const image = await decodeImage(input, { formats: RASTER_FORMATS, maxPixels: MAX_PIXELS });
      checkImage(image);
      return `${image.width}×${image.height}`;
    },
  }),
};
