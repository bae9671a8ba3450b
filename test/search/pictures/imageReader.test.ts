import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/input/image/decode/decodeImage.ts';
import { fitToModel } from '../../../src/input/image/fittedImage.ts';
import { fixedPreprocessing, naflexPreprocessing } from '../../../src/input/image/preprocessing.ts';
import { pictureReader } from '../../../src/search/pictures/pictureReader.ts';
import type { PictureModel } from '../../../src/search/pictures/pictures.ts';
import { readAll } from './readAll.ts';

const IMAGES = join(import.meta.dirname, '../../../parity/fixtures/images');
const FIXED: PictureModel = { decode: {}, preprocessing: fixedPreprocessing(32) };
const ON_WHITE: PictureModel = {
  decode: { background: [255, 255, 255] },
  preprocessing: naflexPreprocessing(16, 16),
};

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type), data, Buffer.alloc(4)]);
  bytes.writeUInt32BE(data.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4);
  return bytes;
}

/** A PNG file that says how large it is and has next to nothing in it. */
function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(9)))]);
}

const files = readdirSync(IMAGES).filter((name) => !name.startsWith('arrays'));

describe('pictures of image files', () => {
  it.each(files)('%s: one picture, with the pixels that the encoder would see', async (name) => {
    const path = join(IMAGES, name);
    for (const model of [FIXED, ON_WHITE]) {
      const pictures = await readAll(path, { model });
      const whole = await decodeImage(path, model.decode);
      const { width, height } = whole;
      expect(pictures).toEqual([
        { facts: { kind: 'image', at: 0, width, height }, image: fitToModel(whole, model.preprocessing) },
      ]);
    }
  });

  it('takes a file for what it is, whatever its name says', async () => {
    const bytes = readFileSync(join(IMAGES, 'rgb.png'));
    expect(await readAll('/nowhere/a.jpg', { model: FIXED, bytes })).toHaveLength(1);
  });

  it.each([
    ['empty', Buffer.alloc(0), 'is empty'],
    ['text', Buffer.from('a cat'), 'is not an image of a known format'],
    ['a drawing', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'is svg, which is not accepted'],
    ['truncated', readFileSync(join(IMAGES, 'rgb.jpg')).subarray(0, -100), "can't be decoded"],
    ['a wall', pngHeader(30_000, 30_000), '30000×30000 decodes to 900000000 pixels, more than the limit'],
    ['a thread', pngHeader(1, 90_000_000), "can't be decoded"],
  ])('refuses what is %s by name and reason', async (_, bytes, reason) => {
    const path = '/nowhere/a.jpg';
    await expect(readAll(path, { model: FIXED, bytes })).rejects.toThrow(`${path}: ${reason}`);
  });

  it('names a file that is too thin for the model, and one that is not there', async () => {
    const bytes = await sharp({ create: { width: 1, height: 3000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const preprocessing = { ...fixedPreprocessing(384), resize: { shortestEdge: 384 }, crop: true };
    const thin = readAll('/nowhere/thin.png', { model: { decode: {}, preprocessing }, bytes });
    await expect(thin).rejects.toThrow('/nowhere/thin.png: The 1×3000 image becomes');
    await expect(readAll('/nowhere/none.png', { model: FIXED })).rejects.toThrow(
      "none.png: can't be read (ENOENT)",
    );
  });

  it('stops with the signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(readAll(join(IMAGES, 'rgb.png'), { model: FIXED, signal })).rejects.toThrow('enough');
  });

  it('leaves drawings and other files alone', () => {
    expect(['a.svg', 'a.txt', 'a', 'a.mp4'].map((path) => pictureReader(path))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(pictureReader('/somewhere/A.JPG')?.how).toBe('');
  });
});
