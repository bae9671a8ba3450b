import { readdirSync } from 'node:fs';
import { join } from 'node:path';
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
