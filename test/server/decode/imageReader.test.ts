import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/input/image/decode/decodeImage.ts';
import { fitToModel } from '../../../src/input/image/fittedImage.ts';
import { fixedPreprocessing } from '../../../src/input/image/preprocessing.ts';
import { createImageReader, type ImageReader } from '../../../src/server/decode/imageReader.ts';
import { withImages } from '../../../src/server/decode/withImages.ts';

const preprocessing = fixedPreprocessing(16);
const readers: ImageReader[] = [];
afterAll(() => Promise.all(readers.map((reader) => reader.stop())));

function readerWith(shared: { fittedBytes?: number; decoders?: number; decodingBytes?: number } = {}) {
  const all = { fittedBytes: 1e6, decoders: 2, decodingBytes: 5e6, ...shared };
  const reader = createImageReader({ decode: {}, preprocessing }, all);
  readers.push(reader);
  return reader;
}

/** A PNG of that many pixels a side, not of one colour. */
async function picture(side: number, name = 'a.png'): Promise<File> {
  const data = Buffer.from(Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * i) >> 5));
  const bytes = await sharp(data, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
  return new File([new Uint8Array(bytes)], name);
}

describe('an image reader', () => {
  const reader = readerWith();

  it('gives what the library makes of the file', async () => {
    const file = await picture(90);
    const expected = fitToModel(await decodeImage(new Uint8Array(await file.arrayBuffer())), preprocessing);
    expect(await reader.read(file)).toEqual({ ...expected, size: { width: 90, height: 90 } });
  });

  it('decodes no more at once than the budget has memory and threads for', async () => {
    // 4.5 bytes a pixel: three megabytes each, so that two at once are too many.
    const file = await picture(820);
    let most = 0;
    let busiest = 0;
    const watch = setInterval(() => {
      most = Math.max(most, reader.bytes.used);
      busiest = Math.max(busiest, reader.decoders.used);
    }, 1);
    const images = await Promise.all(Array.from({ length: 8 }, () => reader.read(file)));
    clearInterval(watch);
    expect(new Set(images.map((image) => JSON.stringify(image))).size).toBe(1);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(5e6);
    expect(busiest).toBeLessThanOrEqual(2);
    expect([reader.bytes.used, reader.decoders.used]).toEqual([0, 0]);
  });

  it('refuses with 413 what can never fit, and names the limit', async () => {
    const large = reader.read(await picture(1100, 'large.png'));
    await expect(large).rejects.toMatchObject({
      status: 413,
      message:
        'large.png: is a png image of 1100×1100 pixels, which takes 6 MB of memory to decode, more than the limit of 5 MB: shrink it',
    });
    const create = { width: 8000, height: 8000, channels: 3 as const, background: 'black' };
    const bomb = await sharp({ create }).toColourspace('b-w').png({ compressionLevel: 1 }).toBuffer();
    const huge = reader.read(new File([new Uint8Array(bomb)], 'bomb.png'));
    await expect(huge).rejects.toMatchObject({ status: 413, message: /limit of 50000000 pixels/ });
    expect(reader.bytes.used).toBe(0);
  });

  it('refuses with 400 what is no image, or none that the model can take', async () => {
    const cases: [File, RegExp][] = [
      [new File(['text'], 'a.png'), /^a\.png: is not an image/],
      [new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0)], 'b.png'), /^b\.png: can't be/],
      [new File([(await picture(90)).slice(0, 900)], 'cut.png'), /^cut\.png: can't be decoded/],
    ];
    for (const [file, message] of cases)
      await expect(reader.read(file)).rejects.toMatchObject({ status: 400, message });
  });

  it('waits for memory, and not for a client that is gone', async () => {
    const release = await reader.bytes.reserve(5e6);
    const gone = new AbortController();
    const file = await picture(90);
    const left = reader.read(file, gone.signal);
    const stays = reader.read(file);
    while (reader.bytes.waiting < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    gone.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    release();
    expect((await stays).fitted).toBe('fixed');
  });

  it('starts new threads for those that were ended', async () => {
    await reader.stop();
    expect((await reader.read(await picture(20))).fitted).toBe('fixed');
  });
});

/** How many of five requests with two images each have their images in work at once, at most. */
async function mostAtOnce(fittedBytes: number): Promise<number> {
  const reader = readerWith({ fittedBytes });
  const files = [await picture(20), await picture(20)];
  let working = 0;
  let most = 0;
  const request = () =>
    withImages(reader, { files, signal: new AbortController().signal }, async (images) => {
      most = Math.max(most, ++working);
      await new Promise((resolve) => setTimeout(resolve, 50));
      working--;
      return images.length;
    });
  expect(await Promise.all(Array.from({ length: 5 }, request))).toEqual([2, 2, 2, 2, 2]);
  expect(reader.fitted.used).toBe(0);
  return most;
}

it('only so many requests have images in work as there is memory for what these become', async () => {
  // 16 × 16 × 3 values of a byte and of a float.
  const image = 16 * 16 * 3 * 5;
  expect(readerWith().fittedBytes()).toBe(image);
  expect(await mostAtOnce(2 * image)).toBe(1);
  expect(await mostAtOnce(5 * image)).toBeLessThanOrEqual(2);
  expect(await mostAtOnce(image), 'more than there is').toBe(1);
});
