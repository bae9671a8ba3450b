import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FittedImage } from '../../../src/input/image/fittedImage.ts';
import { fixedPreprocessing } from '../../../src/input/image/preprocessing.ts';
import { pictureReader } from '../../../src/search/pictures/pictureReader.ts';
import { pdfOfForms, pdfPages } from './pdfFile.ts';
import { missingOf, readAll } from './readAll.ts';

const model = { decode: {}, preprocessing: fixedPreprocessing(64) };
const PATH = '/nowhere/a.pdf';
const read = (bytes: Uint8Array) => readAll(PATH, { model, bytes });
const PROTECTED = join(import.meta.dirname, '../../../parity/fixtures/documents/protected.pdf');

/** The colour at a place of a picture of 64 × 64. */
function colourAt(image: unknown, x: number, y: number): number[] {
  const fitted = image as FittedImage;
  if (fitted.fitted !== 'fixed') throw new Error('not fitted');
  return [...fitted.image.data.subarray(3 * (64 * y + x), 3 * (64 * y + x) + 3)];
}

const RED_LEFT = '1 0 0 rg 0 0 100 100 re f';
const BLUE_BELOW = '0 0 1 rg 0 0 200 50 re f';

describe('pages of documents', () => {
  it('are drawn on white, upright, with their numbers', async () => {
    const pages = await read(pdfPages([RED_LEFT, BLUE_BELOW]));
    expect(pages.map(({ facts }) => facts)).toEqual(
      [1, 2].map((at) => ({ kind: 'page', at, width: 1024, height: 512 })),
    );
    expect(colourAt(pages[0]?.image, 5, 5)).toEqual([255, 0, 0]);
    expect(colourAt(pages[0]?.image, 60, 60)).toEqual([255, 255, 255]);
    expect(colourAt(pages[1]?.image, 60, 60)).toEqual([0, 0, 255]);
    expect(colourAt(pages[1]?.image, 60, 5)).toEqual([255, 255, 255]);
    const turned = await read(pdfPages([RED_LEFT], '/Rotate 90 '));
    expect(turned[0]?.facts).toMatchObject({ width: 512, height: 1024 });
    expect(colourAt(turned[0]?.image, 5, 5)).toEqual([255, 0, 0]);
  });

  it('are left out where one cannot be drawn, and left alone where nobody wants them', async () => {
    const pages = await read(pdfPages([RED_LEFT, undefined, BLUE_BELOW]));
    expect(pages.map(({ facts }) => facts.at)).toEqual([1, 3]);
    const missing = (contents: readonly (string | undefined)[]) =>
      missingOf(PATH, { model, bytes: pdfPages(contents) });
    expect(await missing([RED_LEFT])).toBeUndefined();
    expect(await missing([RED_LEFT, undefined, BLUE_BELOW])).toBe("page 2 of 3 can't be drawn");
    expect(await missing([RED_LEFT, ...Array(7)])).toBe("pages 2, 3, 4, 5, 6 and 2 more of 8 can't be drawn");
    expect(pictureReader(PATH, { pages: false })).toBeUndefined();
    expect(pictureReader(PATH)?.how).toBe('pages');
  });

  it('come from several documents at once', async () => {
    const all = await Promise.all([RED_LEFT, BLUE_BELOW].map((page) => read(pdfPages([page, page]))));
    expect(all.map((pages) => pages.length)).toEqual([2, 2]);
  });

  it.each([
    ['protected', readFileSync(PROTECTED), 'is protected by a password: save it without one.'],
    ['text', Buffer.from('hello'), 'is not a PDF document, or not a whole one'],
    ['cut off', pdfPages([RED_LEFT]).subarray(0, 60), 'is not a PDF document, or not a whole one'],
    ['empty', Buffer.alloc(0), 'is empty'],
    ['without a page', pdfPages([undefined]), 'has no page that can be drawn'],
  ])('%s: bad, by name and reason', async (_, bytes, reason) => {
    await expect(read(bytes)).rejects.toThrow(`${PATH}: ${reason}`);
  });

  it('stop with the signal, whatever a page does', async () => {
    const signal = AbortSignal.timeout(300);
    const reading = readAll(PATH, { model, signal, bytes: pdfOfForms(5) });
    await expect(reading).rejects.toThrow('aborted due to timeout');
  });
});
