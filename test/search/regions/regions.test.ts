import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { patchScores } from '../../../src/encoder/patchScores.ts';
import { fitToModel } from '../../../src/input/image/fittedImage.ts';
import { type ImageSource, toImage } from '../../../src/input/image/imageSource.ts';
import {
  fixedPreprocessing,
  type ImagePreprocessing,
  naflexPreprocessing,
} from '../../../src/input/image/preprocessing.ts';
import { type RgbImage, rgbImage } from '../../../src/input/image/rgbImage.ts';
import { drawBox } from '../../../src/search/regions/drawBox.ts';
import { drawHeatmap } from '../../../src/search/regions/drawHeatmap.ts';
import { findRegion } from '../../../src/search/regions/findRegion.ts';
import { largestSum } from '../../../src/search/regions/largestSum.ts';
import { windowsOf } from '../../../src/search/regions/windows.ts';
import { float32 } from '../../../src/tensor/index.ts';
import { fakeEncoder } from '../../server/fakeEncoder.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-regions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RED = Float32Array.of(1, 0, 0);

/** A green picture with a red part. */
function picture(width: number, height: number, red: { x: number; y: number; side: number }): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const inside = x >= red.x && x < red.x + red.side && y >= red.y && y < red.y + red.side;
      pixels[(y * width + x) * 3 + (inside ? 0 : 1)] = 255;
    }
  return rgbImage(width, height, pixels);
}

const unit = (colour: readonly number[]) => colour.map((value) => value / (Math.hypot(...colour) || 1));

/** An encoder whose patches are the mean colours of what the model is shown. */
function encoderOf(preprocessing: ImagePreprocessing, patch: number) {
  return fakeEncoder({
    preprocessing,
    async embedPatches(images) {
      const image = await toImage(images[0] as ImageSource);
      const fitted = fitToModel(image, preprocessing);
      if (fitted.fitted === 'naflex') {
        const { rows, columns, patches } = fitted.picture;
        const size = patches.length / (rows * columns);
        const mean = (at: number, c: number) => {
          let sum = 0;
          for (let i = c; i < size; i += 3) sum += (patches[at * size + i]! + 1) / 2;
          return sum;
        };
        const rowsOf = Array.from({ length: rows * columns }, (_, at) =>
          unit([0, 1, 2].map((c) => mean(at, c))),
        );
        const embeddings = float32([rows * columns, 3], rowsOf.flat());
        return [{ rows, columns, patchHeight: 1 / rows, patchWidth: 1 / columns, embeddings }];
      }
      const { width, height, data } = fitted.image;
      const [rows, columns] = [Math.floor(height / patch), Math.floor(width / patch)];
      const colour = (at: number) => {
        const sums = [0, 0, 0];
        const [top, left] = [Math.floor(at / columns) * patch, (at % columns) * patch];
        for (let y = top; y < top + patch; y++)
          for (let x = left; x < left + patch; x++)
            for (let c = 0; c < 3; c++) sums[c]! += data[(y * width + x) * 3 + c]!;
        return unit(sums);
      };
      const cells = Array.from({ length: rows * columns }, (_, at) => colour(at));
      const grid = { rows, columns, patchHeight: patch / height, patchWidth: patch / width };
      return [{ ...grid, embeddings: float32([rows * columns, 3], cells.flat()) }];
    },
  });
}

const NAFLEX = encoderOf({ ...naflexPreprocessing(4, 64) }, 4);
const SQUASHED = encoderOf(fixedPreprocessing(32), 4);

describe('patchScores', () => {
  const queries = float32([2, 3], [1, 0, 0, 0, 1, 0]);

  it('gives each query its grid, in the shape of the picture or of the model', async () => {
    const image = picture(80, 20, { x: 60, y: 0, side: 20 });
    const { size, rows, columns, area, cosines } = await patchScores(NAFLEX, image, queries);
    expect([size, area]).toEqual([
      { height: 20, width: 80 },
      { y1: 0, x1: 0, y2: 20, x2: 80 },
    ]);
    expect([rows, columns]).toEqual([4, 16]);
    expect(cosines.shape).toEqual([2, 64]);
    expect([...cosines.data.subarray(10, 16)].map(Math.round)).toEqual([0, 0, 1, 1, 1, 1]);
    const fixed = await patchScores(SQUASHED, image, queries);
    expect([fixed.rows, fixed.columns, fixed.area]).toEqual([8, 8, area]);
  });

  it.each([
    [
      'cut out of the middle',
      { resize: { shortestEdge: 32 }, crop: true },
      { y1: 0, x1: 30, y2: 20, x2: 50 },
    ],
    ['padded', { resize: { maxHeight: 32, maxWidth: 32 }, pad: true }, { y1: 0, x1: 0, y2: 80, x2: 80 }],
  ] as const)('knows where the grid lies when the picture is %s', async (_, own, area) => {
    const encoder = encoderOf({ ...fixedPreprocessing(32), ...own }, 4);
    const image = picture(80, 20, { x: 35, y: 0, side: 20 });
    const fitted = { ...encoder, embedPatches: SQUASHED.embedPatches };
    expect((await patchScores(fitted, image, queries)).area).toEqual(area);
  });

  it('refuses queries of another model', async () => {
    const image = picture(8, 8, { x: 0, y: 0, side: 4 });
    await expect(patchScores(NAFLEX, image, float32([1, 2], [1, 0]))).rejects.toThrow(/have width 2.* 3/);
  });
});

describe('findRegion', () => {
  it.each([
    ['NaFlex', 0, NAFLEX],
    ['NaFlex', undefined, NAFLEX],
    ['a fixed model', 0, SQUASHED],
    ['a fixed model', 12, SQUASHED],
  ])('finds the red part of a wide picture, with %s and windows %s', async (_, windows, encoder) => {
    const image = picture(120, 60, { x: 75, y: 15, side: 30 });
    const { box, score } = await findRegion(encoder, image, RED, { windows });
    const middle = { y: (box.y1 + box.y2) / 2, x: (box.x1 + box.x2) / 2 };
    expect(Math.abs(middle.x - 90)).toBeLessThan(8);
    expect(Math.abs(middle.y - 30)).toBeLessThan(8);
    expect(score).toBeGreaterThan(0.8);
  });

  it('answers for a picture of one pixel, and for one that shows nothing of the query', async () => {
    const one = await findRegion(SQUASHED, picture(1, 1, { x: 5, y: 0, side: 1 }), RED);
    expect(one).toMatchObject({ box: { y1: 0, x1: 0, y2: 1, x2: 1 }, score: 0 });
  });

  it('refuses settings that are none', async () => {
    const image = picture(4, 4, { x: 0, y: 0, side: 2 });
    await expect(findRegion(NAFLEX, image, RED, { windows: -1 })).rejects.toThrow(/findRegion.windows is -1/);
  });
});

it('largestSum: as trying all rectangles', () => {
  for (let seed = 1; seed < 40; seed++) {
    const [rows, columns] = [1 + (seed % 4), 1 + (seed % 5)];
    const values = Array.from({ length: rows * columns }, (_, i) => Math.sin(seed * 37 + i * 11));
    const sumOf = (top: number, left: number, bottom: number, right: number) => {
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += values[y * columns + x]!;
      return sum;
    };
    let most = Number.NEGATIVE_INFINITY;
    for (let a = 0; a < rows; a++)
      for (let b = a + 1; b <= rows; b++)
        for (let c = 0; c < columns; c++)
          for (let d = c + 1; d <= columns; d++) most = Math.max(most, sumOf(a, c, b, d));
    const { top, left, bottom, right } = largestSum(values, rows, columns);
    expect(sumOf(top, left, bottom, right)).toBeCloseTo(most, 10);
  }
});

it('windowsOf: parts of any shape of picture lie in it', () => {
  expect(windowsOf({ height: 60, width: 60 })).toHaveLength(51);
  for (const [width, height] of [
    [1, 1],
    [1000, 3],
    [7, 900],
    [400, 300],
  ] as const)
    for (const { y1, x1, y2, x2 } of windowsOf({ width, height })) {
      expect(y1 >= 0 && x1 >= 0 && y2 <= height && x2 <= width).toBe(true);
      expect(y1 < y2 && x1 < x2).toBe(true);
    }
});

describe('drawings', () => {
  const at = async (file: string, x: number, y: number) => {
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    return [...data.subarray((y * info.width + x) * info.channels, (y * info.width + x) * info.channels + 3)];
  };

  it('a box stands where it is in the upright picture, on white', async () => {
    const source = join(folder, 'turned.png');
    const clear = { width: 40, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } as const;
    await sharp({ create: clear }).withMetadata({ orientation: 6 }).png().toFile(source);
    for (const ending of ['png', 'jpg', 'webp']) {
      const output = join(folder, 'below', `box.${ending}`);
      await drawBox(source, [{ y1: 10, x1: 4, y2: 30, x2: 16 }], output);
      expect(await sharp(output).metadata()).toMatchObject({ width: 20, height: 40 });
      const [red, green] = await at(output, 4, 20);
      expect(red! - green!).toBeGreaterThan(40);
      expect(Math.min(...(await at(output, 10, 20)))).toBeGreaterThan(240);
    }
    await expect(drawBox(source, [], join(folder, 'box.gif'))).rejects.toThrow(/ends in .png, .jpg or .webp/);
  });

  it('heat is bright where the query is, and what was not seen stays grey', async () => {
    const image = picture(90, 30, { x: 40, y: 5, side: 20 });
    const cropping = encoderOf({ ...fixedPreprocessing(32), resize: { shortestEdge: 32 }, crop: true }, 4);
    const scores = await patchScores(cropping, image, float32([1, 3], [1, 0, 0]));
    const output = join(folder, 'heat.png');
    await drawHeatmap(image, scores, output, { boxes: [{ y1: 1, x1: 1, y2: 8, x2: 8 }] });
    const brightness = async (x: number, y: number) => (await at(output, x, y)).reduce((a, b) => a + b);
    expect(await brightness(48, 15)).toBeGreaterThan(1.5 * (await brightness(32, 15)));
    const [red, green, blue] = await at(output, 80, 15);
    expect([red, green]).toEqual([green, blue]);
    const [boxRed, boxGreen] = await at(output, 1, 4);
    expect(boxRed! - boxGreen!).toBeGreaterThan(100);
    await expect(drawHeatmap(image, scores, output, { query: 1 })).rejects.toThrow(/query is 1/);
    await expect(drawHeatmap(image, scores, output, { least: 1, most: 0 })).rejects.toThrow(/below most/);
  });

  it('very large pictures are drawn smaller, the box with them', async () => {
    const output = join(folder, 'long.png');
    await drawBox(
      picture(10_000, 4, { x: 0, y: 0, side: 1 }),
      [{ y1: 0, x1: 5000, y2: 4, x2: 10_000 }],
      output,
    );
    expect(await sharp(output).metadata()).toMatchObject({ width: 8192, height: 3 });
  });
});
