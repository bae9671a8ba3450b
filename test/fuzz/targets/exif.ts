import { exifFacts } from '../../../src/search/pictures/exif/exifFacts.ts';
import { exifBlock } from '../../search/pictures/exifBlock.ts';
import { Finding, type FuzzTarget } from '../harness/target.ts';

const seed = (little: boolean): Uint8Array =>
  exifBlock(
    [
      [0x9003, 2, '2024:07:31 12:00:00\0'],
      [0x9011, 2, '+02:00\0'],
      [0x9291, 2, '250\0'],
    ],
    [
      [1, 2, 'S\0'],
      [2, 5, [33, 1, 51, 1, 3540, 100]],
      [3, 2, 'E\0'],
      [4, 5, [151, 1, 12, 1, 40, 1]],
    ],
    little,
  );

export const exifTarget: FuzzTarget = {
  what: 'EXIF blocks: when and where a picture was taken',
  seeds: async () => [seed(true), seed(false)],
  memory: 64,
  start: async () => ({
    // Whatever the bytes are, they are no error: what makes no sense is left out.
    async read(input) {
      const { taken = 0, latitude = 0, longitude = 0 } = exifFacts(input);
      if (!Number.isSafeInteger(taken) || !(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180))
        throw new Finding(`gave ${taken}, ${latitude}, ${longitude}`);
      return `${taken} ${latitude} ${longitude}`;
    },
  }),
};
