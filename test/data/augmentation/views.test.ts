import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxInView, cutView, type ViewGeometry } from '../../../src/data/augmentation/geometry.ts';
import { multiCropBatch, silcViews } from '../../../src/data/augmentation/multiCrop.ts';
import { drawCrop } from '../../../src/data/augmentation/randomCrop.ts';
import { type Box, boxArea } from '../../../src/input/image/box.ts';
import { resizePillow } from '../../../src/input/image/resize/resizePillow.ts';
import { type RgbImage, rgbImage } from '../../../src/input/image/rgbImage.ts';
import { createRandom } from '../../../src/tensor/random.ts';

const noise = (seed: number, width: number, height: number) => {
  const random = createRandom(seed, 'test-image');
  return rgbImage(
    width,
    height,
    Uint8Array.from({ length: width * height * 3 }, () => random.int(256)),
  );
};

const WIDTH = 14;
const HEIGHT = 10;

/** A box with area and whole-number corners in a picture of WIDTH × HEIGHT. */
const boxes = fc
  .record({
    y1: fc.integer({ min: 0, max: HEIGHT - 1 }),
    x1: fc.integer({ min: 0, max: WIDTH - 1 }),
    h: fc.integer({ min: 1, max: HEIGHT }),
    w: fc.integer({ min: 1, max: WIDTH }),
  })
  .map(({ y1, x1, h, w }): Box => ({ y1, x1, y2: Math.min(HEIGHT, y1 + h), x2: Math.min(WIDTH, x1 + w) }));

/** White in the box, black elsewhere. */
function painted({ y1, x1, y2, x2 }: Box): RgbImage {
  const image = rgbImage(WIDTH, HEIGHT, new Uint8Array(WIDTH * HEIGHT * 3));
  for (let y = y1; y < y2; y++) image.data.fill(255, (y * WIDTH + x1) * 3, (y * WIDTH + x2) * 3);
  return image;
}

/** Around the white pixels. */
function whiteBox({ width, data }: RgbImage): Box | undefined {
  const white = [...data.keys()].filter((i) => i % 3 === 0 && data[i] === 255).map((i) => i / 3);
  if (white.length === 0) return undefined;
  const [rows, columns] = [white.map((i) => Math.floor(i / width)), white.map((i) => i % width)];
  return {
    y1: Math.min(...rows),
    x1: Math.min(...columns),
    y2: Math.max(...rows) + 1,
    x2: Math.max(...columns) + 1,
  };
}

describe('boxInView', () => {
  it('is where the pixels of the box end up, for crop and flip', () => {
    fc.assert(
      fc.property(boxes, boxes, fc.boolean(), (box, crop, flipped) => {
        const geometry: ViewGeometry = { crop, flipped, height: crop.y2 - crop.y1, width: crop.x2 - crop.x1 };
        expect(boxInView(box, geometry, 0)).toEqual(whiteBox(cutView(painted(box), geometry, 'bilinear')));
      }),
    );
  });

  it('scales with the view', () => {
    fc.assert(
      fc.property(boxes, boxes, fc.boolean(), fc.integer({ min: 1, max: 40 }), (box, crop, flipped, size) => {
        const plain = { crop, flipped, height: crop.y2 - crop.y1, width: crop.x2 - crop.x1 };
        const before = boxInView(box, plain, 0);
        const after = boxInView(box, { crop, flipped, height: size, width: 2 * size }, 0);
        expect(after === undefined).toBe(before === undefined);
        if (before === undefined || after === undefined) return;
        expect(after.y1 / size).toBeCloseTo(before.y1 / plain.height, 12);
        expect(after.y2 / size).toBeCloseTo(before.y2 / plain.height, 12);
        expect(after.x1 / (2 * size)).toBeCloseTo(before.x1 / plain.width, 12);
        expect(after.x2 / (2 * size)).toBeCloseTo(before.x2 / plain.width, 12);
      }),
    );
  });

  it('drops a box of which too little is left', () => {
    const geometry = { crop: { y1: 0, x1: 0, y2: 10, x2: 5 }, flipped: false, height: 10, width: 5 };
    const box = { y1: 0, x1: 3, y2: 4, x2: 8 };
    // Two of five columns are inside.
    expect(boxInView(box, geometry, 0.4)).toEqual({ y1: 0, x1: 3, y2: 4, x2: 5 });
    expect(boxInView(box, geometry, 0.41)).toBeUndefined();
    expect(boxInView(box, geometry)).toBeUndefined();
    expect(boxInView({ y1: 0, x1: 5, y2: 4, x2: 8 }, geometry, 0)).toBeUndefined();
  });
});

describe('drawCrop', () => {
  const size = { width: 200, height: 120 };
  const options = { area: [0.05, 0.4], aspect: [3 / 4, 4 / 3] } as const;
  const crops = Array.from({ length: 500 }, (_, i) => drawCrop(size, options, createRandom(i, 'crop')));

  it('gives whole pixels inside the picture, of the asked area and aspect ratio', () => {
    for (const crop of crops) {
      const { y1, x1, y2, x2 } = crop;
      expect([y1, x1, y2, x2].every(Number.isInteger)).toBe(true);
      expect(y1 >= 0 && x1 >= 0 && y2 <= 120 && x2 <= 200).toBe(true);
      // A side of at least 30 pixels is rounded by at most half of one.
      expect(boxArea(crop) / 24_000).toBeGreaterThan(0.05 * 0.96);
      expect(boxArea(crop) / 24_000).toBeLessThan(0.4 * 1.04);
      expect((x2 - x1) / (y2 - y1)).toBeGreaterThan((3 / 4) * 0.96);
      expect((x2 - x1) / (y2 - y1)).toBeLessThan((4 / 3) * 1.04);
    }
  });

  it('draws area and logarithmic aspect ratio evenly', () => {
    const mean = (value: (crop: Box) => number) => crops.reduce((sum, crop) => sum + value(crop), 0) / 500;
    // Deviations of a mean of 500: 0.35/√12/√500 = 0.0045 and 0.575/√12/√500 = 0.0074; four of them.
    expect(Math.abs(mean((crop) => boxArea(crop) / 24_000) - 0.225)).toBeLessThan(0.018);
    expect(Math.abs(mean(({ y1, x1, y2, x2 }) => Math.log((x2 - x1) / (y2 - y1))))).toBeLessThan(0.03);
  });

  it('falls back to the middle where nothing fits', () => {
    const whole = { area: [1, 1], aspect: [3 / 4, 4 / 3] } as const;
    const random = () => createRandom(1, 'crop');
    expect(drawCrop({ width: 90, height: 30 }, whole, random())).toEqual({ y1: 0, x1: 25, y2: 30, x2: 65 });
    expect(drawCrop({ width: 30, height: 90 }, whole, random())).toEqual({ y1: 25, x1: 0, y2: 65, x2: 30 });
    expect(drawCrop({ width: 1, height: 1 }, options, random())).toEqual({ y1: 0, x1: 0, y2: 1, x2: 1 });
  });
});

describe('multiCropBatch', () => {
  const images = [noise(1, 40, 30), noise(2, 25, 60)];
  const plain = {
    global: { size: 16, area: [0.4, 1], colours: [] },
    local: { size: 8, area: [0.05, 0.4], colours: [] },
    localViews: 3,
  } as const;

  it('gives the pixels that its geometry says, in −1 … 1, views of an image together', () => {
    const { arrays, globals, locals } = multiCropBatch(images, plain, 7, 2);
    expect([arrays.global_views.shape, arrays.local_views.shape]).toEqual([
      [2, 3, 16, 16],
      [6, 3, 8, 8],
    ]);
    images.forEach((image, n) => {
      for (const [v, geometry] of locals[n]!.entries()) {
        // Crop and flip written out; the resize is tested against Pillow elsewhere.
        const { crop, flipped } = geometry;
        const [width, height] = [crop.x2 - crop.x1, crop.y2 - crop.y1];
        const part = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
          const [y, x, c] = [Math.floor(i / 3 / width), Math.floor(i / 3) % width, i % 3];
          return image.data[
            ((crop.y1 + y) * image.width + (flipped ? crop.x2 - 1 - x : crop.x1 + x)) * 3 + c
          ]!;
        });
        const small = resizePillow(rgbImage(width, height, part), 8, 8, 'bicubic').data;
        for (let c = 0; c < 3; c++) {
          for (let i = 0; i < 64; i++) {
            const value = arrays.local_views.data[((n * 3 + v) * 3 + c) * 64 + i]!;
            // One float32 rounding of value / 255 and one of 2x − 1.
            expect(Math.abs(value - (small[i * 3 + c]! / 127.5 - 1))).toBeLessThan(2e-7);
          }
        }
      }
      expect(boxArea(globals[n]!.crop) / (image.width * image.height)).toBeGreaterThan(0.35);
    });
  });

  it('is a pure function of pixels, seed, step and place', () => {
    const first = multiCropBatch(images, silcViews(16, 8), 7, 2);
    expect(multiCropBatch(images, silcViews(16, 8), 7, 2)).toEqual(first);
    expect(first.arrays.local_views.shape).toEqual([16, 3, 8, 8]);
    const alone = multiCropBatch(images.slice(0, 1), silcViews(16, 8), 7, 2);
    expect(alone.arrays.local_views.data).toEqual(first.arrays.local_views.data.slice(0, 8 * 192));
    for (const [seed, step] of [
      [8, 2],
      [7, 3],
    ] as const) {
      const other = multiCropBatch(images, silcViews(16, 8), seed, step);
      expect(other.arrays.global_views.data).not.toEqual(first.arrays.global_views.data);
    }
    const crops = first.locals[0]!.map(({ crop }) => JSON.stringify(crop));
    expect(new Set(crops).size).toBe(8);
  });

  it('flips as often as told', () => {
    const always = multiCropBatch(images, { ...plain, flipProbability: 1 }, 1, 0);
    const never = multiCropBatch(images, { ...plain, flipProbability: 0 }, 1, 0);
    expect(always.locals.flat().every(({ flipped }) => flipped)).toBe(true);
    expect(never.locals.flat().some(({ flipped }) => flipped)).toBe(false);
  });

  it('refuses options out of range by name', () => {
    const wrong = (options: object) => () => multiCropBatch(images, { ...plain, ...options }, 1, 0);
    expect(wrong({ local: { ...plain.local, size: 0 } })).toThrow(/local.size is 0/);
    expect(wrong({ global: { ...plain.global, area: [0.4, 1.1] } })).toThrow(/global.area is \[0.4, 1.1\]/);
    expect(wrong({ localViews: -1 })).toThrow(/localViews is -1/);
    expect(wrong({ flipProbability: 2 })).toThrow(/flipProbability is 2/);
  });
});
