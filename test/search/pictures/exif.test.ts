import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { fixedPreprocessing } from '../../../src/input/image/preprocessing.ts';
import { exifDate } from '../../../src/search/pictures/exif/exifDate.ts';
import { exifFacts } from '../../../src/search/pictures/exif/exifFacts.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { mutateBytes } from '../../fuzz/mutators/bytes.ts';
import { exifBlock, type Tag } from './exifBlock.ts';
import { readAll } from './readAll.ts';

const NOON = Date.UTC(2024, 6, 31, 12);

const SYDNEY: readonly Tag[] = [
  [1, 2, 'S\0'],
  [2, 5, [33, 1, 51, 1, 3540, 100]],
  [3, 2, 'E\0'],
  [4, 5, [151, 1, 12, 1, 40, 1]],
];

const model = { decode: {}, preprocessing: fixedPreprocessing(4) };

/** Sides, bits, no compression, grey, where its one byte is, rows and bytes of the strip. */
const ONE_GREY_PIXEL: readonly Tag[] = [
  [256, 3, [1]],
  [257, 3, [1]],
  [258, 3, [8]],
  [259, 3, [1]],
  [262, 3, [1]],
  [273, 4, [8]],
  [278, 3, [1]],
  [279, 4, [1]],
];

const place = (latitude: number[], longitude: number[], south = 'N\0', west = 'E\0') =>
  exifFacts(
    exifBlock(
      [],
      [
        [1, 2, south],
        [2, 5, latitude],
        [3, 2, west],
        [4, 5, longitude],
      ],
    ),
  );

describe('when a picture was taken', () => {
  it.each([
    ['2024:07:31 12:00:00', undefined, undefined, NOON],
    ['2024-07-31T12:00:00', undefined, undefined, NOON],
    ['2024:07:31 12:00:00', '5', undefined, NOON + 500],
    ['2024:07:31 12:00:00', '0129', '+02:00', NOON + 12 - 7_200_000],
    ['2024:07:31 12:00:00', '', '-03:30', NOON + 12_600_000],
    ['2024:07:31 12:00:00', 'x', 'Z', NOON],
    ['2024:07:31 12:00:00', undefined, '+99:99', NOON],
    ['1969:12:31 23:59:59', undefined, undefined, -1000],
    ['2024:02:29 00:00:00', undefined, undefined, Date.UTC(2024, 1, 29)],
    ['2023:02:29 00:00:00', undefined, undefined, undefined],
    ['0000:00:00 00:00:00', undefined, undefined, undefined],
    ['0001:01:01 00:00:00', undefined, undefined, undefined],
    ['2024:07:31 24:00:00', undefined, undefined, undefined],
    ['2024:13:01 00:00:00', undefined, undefined, undefined],
    ['    :  :     :  :  ', undefined, undefined, undefined],
    ['yesterday', undefined, undefined, undefined],
    [undefined, undefined, undefined, undefined],
  ])('%s %s %s', (date, fraction, offset, taken) => {
    expect(exifDate(date, fraction, offset)).toBe(taken);
  });

  it.each([true, false])('reads both orders of bytes (little first: %s)', (little) => {
    const dates: readonly Tag[] = [
      [0x9003, 2, '2024:07:31 12:00:00\0'],
      [0x9011, 2, '+02:00\0'],
      [0x9291, 2, '250\0'],
    ];
    const facts = exifFacts(exifBlock(dates, SYDNEY, little));
    expect(facts).toEqual({
      taken: NOON - 7_200_000 + 250,
      latitude: -(33 + 51 / 60 + 35.4 / 3600),
      longitude: 151 + 12 / 60 + 40 / 3600,
    });
  });

  it('takes the time of the digital copy where the first one makes no sense', () => {
    const dates: readonly Tag[] = [
      [0x9003, 2, '0000:00:00 00:00:00\0'],
      [0x9004, 2, '2024:07:31 12:00:00\0'],
    ];
    expect(exifFacts(exifBlock(dates, []))).toEqual({ taken: NOON });
  });
});

describe('where a picture was taken', () => {
  it('reads references, and leaves out what is no place', () => {
    expect(place([10, 1], [20, 1], 's\0', 'W\0')).toEqual({ latitude: -10, longitude: -20 });
    expect(place([10, 1, 30, 1, 0, 0], [20, 1, 0, 1, 0, 1])).toEqual({ latitude: 10.5, longitude: 20 });
    expect(place([91, 1], [20, 1])).toEqual({});
    expect(place([10, 0], [20, 1])).toEqual({});
    expect(place([0, 1], [0, 1])).toEqual({});
    expect(place([0, 1], [20, 1])).toEqual({ latitude: 0, longitude: 20 });
    expect(exifFacts(exifBlock([], SYDNEY.slice(0, 2)))).toEqual({});
  });
});

describe('EXIF of files', () => {
  const facts = async (bytes: Uint8Array) =>
    (await readAll('/nowhere/a.jpg', { model, bytes })).map((picture) => picture.facts);

  it.each(['jpeg', 'png', 'webp', 'avif'] as const)('%s', async (format) => {
    const file = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
      .toFormat(format)
      .withExif({
        IFD2: { DateTimeOriginal: '2024:07:31 12:00:00', OffsetTimeOriginal: '+02:00' },
        IFD3: {
          GPSLatitudeRef: 'S',
          GPSLatitude: '33/1 51/1 0/1',
          GPSLongitudeRef: 'E',
          GPSLongitude: '151/1 12/1 0/1',
        },
      })
      .toBuffer();
    const place = { latitude: -33.85, longitude: 151.2 };
    expect(await facts(file)).toEqual([
      { kind: 'image', at: 0, width: 4, height: 4, taken: NOON - 7_200_000, ...place },
    ]);
  });

  it('tiff: in its own directories', async () => {
    const file = exifBlock([[0x9003, 2, '2024:07:31 12:00:00\0']], [], true, ONE_GREY_PIXEL);
    expect(await facts(file)).toEqual([{ kind: 'image', at: 0, width: 1, height: 1, taken: NOON }]);
  });

  it('survives any bytes', () => {
    const random = createRandom(7);
    const seed = exifBlock([[0x9003, 2, '2024:07:31 12:00:00\0']], SYDNEY);
    for (let i = 0; i < 1500; i++) {
      const { taken = 0, latitude = 0, longitude = 0 } = exifFacts(mutateBytes(random, seed, [seed]));
      expect(Number.isSafeInteger(taken) && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180).toBe(
        true,
      );
    }
    for (const bytes of [new Uint8Array(), new Uint8Array(7), Buffer.from('Exif\0\0'), Buffer.from('II*\0')])
      expect(exifFacts(bytes)).toEqual({});
  });
});
