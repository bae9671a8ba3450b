import { describe, expect, it } from 'vitest';
import { annotate } from '../../../src/data/annotation/annotate.ts';
import { connectedComponents } from '../../../src/data/annotation/components.ts';
import { cropImage } from '../../../src/data/annotation/crop.ts';
import type { Detection } from '../../../src/data/annotation/detector.ts';
import { DETECTION_TEMPLATES, heatmapDetector } from '../../../src/data/annotation/heatmapDetector.ts';
import { keepDetections } from '../../../src/data/annotation/keepRules.ts';
import { knownBoxes } from '../../../src/data/annotation/knownBoxes.ts';
import type { Encoder } from '../../../src/encoder/encoder.ts';
import { type Box, intersectionOverUnion } from '../../../src/input/image/box.ts';
import { type RgbImage, rgbImage } from '../../../src/input/image/rgbImage.ts';
import { ndarray } from '../../../src/tensor/index.ts';
import { fakeEncoder } from '../../server/fakeEncoder.ts';

const box = (y1: number, x1: number, y2: number, x2: number): Box => ({ y1, x1, y2, x2 });
const [LEFT, RIGHT, ALL] = [box(0, 0, 1, 0.5), box(0, 0.5, 1, 1), box(0, 0, 1, 1)];

const detection = (query: string, score: number, where: Box): Detection => ({ query, score, box: where });

describe('keeping detections', () => {
  it('a box has its best query', () => {
    const kept = keepDetections([detection('animal', 0.5, LEFT), detection('cat', 0.7, LEFT)]);
    expect(kept).toEqual([detection('cat', 0.7, LEFT)]);
  });

  it('weak boxes stay only beside a strong one, and the weakest never', () => {
    const [strong, weak, weakest] = [
      detection('cat', 0.31, LEFT),
      detection('dog', 0.11, RIGHT),
      detection('sky', 0.1, ALL),
    ];
    expect(keepDetections([weakest, weak, strong])).toEqual([strong, weak]);
    expect(keepDetections([weak, weakest])).toEqual([]);
    expect(keepDetections([detection('cat', 0.3, LEFT)])).toEqual([]);
    expect(keepDetections([])).toEqual([]);
  });

  it('prefers the query that says more', () => {
    const kept = keepDetections([detection('cat', 1, LEFT), detection('black cat', 1, LEFT)]);
    expect(kept.map(({ query }) => query)).toEqual(['black cat']);
  });

  it('nearly equal boxes are one, as far as is set', () => {
    const near = box(0, 0, 1, 0.45);
    const both = [detection('cat', 0.7, LEFT), detection('animal', 0.5, near)];
    expect(keepDetections(both)).toHaveLength(1);
    expect(keepDetections(both, { sameBox: 1 })).toHaveLength(2);
  });
});

const EMPTY = rgbImage(1, 1, new Uint8Array(3));

describe('known boxes', () => {
  const detector = knownBoxes([
    { box: LEFT, text: 'Black cat' },
    { box: RIGHT, text: 'red car' },
  ]);

  it('are found by their words and by parts of them', async () => {
    expect(await detector.detect(EMPTY, ['a black cat', 'black cat', 'cat', 'ca', 'red car'])).toEqual([
      detection('black cat', 1, LEFT),
      detection('cat', 0.5, LEFT),
      detection('red car', 1, RIGHT),
    ]);
  });

  it('annotate a caption that names them', async () => {
    const regions = await annotate(
      EMPTY,
      [{ text: 'A photo of a black cat beside a car.', language: 'en' }],
      detector,
    );
    expect(regions).toEqual([
      { box: LEFT, text: 'black cat', language: 'en', score: 1 },
      { box: RIGHT, text: 'car', language: 'en', score: 0.5 },
    ]);
    expect(await annotate(EMPTY, [{ text: 'the image' }], detector)).toEqual([]);
    const named = await annotate(EMPTY, [{ text: 'the image' }], detector, {
      categories: ['red car', 'cat'],
    });
    expect(named.map(({ text }) => text)).toEqual(['red car', 'cat']);
  });
});

describe('connected parts of a grid', () => {
  it('touch at sides, not at corners or across the edge', () => {
    // 1 0 1
    // 1 0 0
    // 0 1 1
    expect(connectedComponents([1, 0, 1, 1, 0, 0, 0, 1, 1], 3, 3)).toEqual([[0, 3], [2], [7, 8]]);
    expect(connectedComponents([0, 0], 1, 2)).toEqual([]);
    expect(connectedComponents(new Array(12).fill(true), 3, 4)).toHaveLength(1);
  });
});

describe('cropping', () => {
  it('takes the pixels that the box touches', () => {
    const image = rgbImage(
      3,
      2,
      Uint8Array.from({ length: 18 }, (_, i) => i),
    );
    expect(cropImage(image, box(0, 1 / 3, 0.5, 1))).toEqual(
      rgbImage(2, 1, Uint8Array.from([3, 4, 5, 6, 7, 8])),
    );
    expect(cropImage(image, box(0.6, 0, 1.2, 0.1))).toEqual(rgbImage(1, 1, Uint8Array.from([9, 10, 11])));
    expect(cropImage(image, ALL)).toEqual(image);
  });
});

const GRID = 8;
const SIDE = 32;
const CELL = SIDE / GRID;

/** A black picture with rectangles of pure colours, given in grid cells. */
function picture(...rectangles: readonly (readonly [colour: number, Box])[]): RgbImage {
  const data = new Uint8Array(SIDE * SIDE * 3).fill(1);
  for (const [colour, { y1, x1, y2, x2 }] of rectangles) {
    for (let y = y1 * CELL; y < y2 * CELL; y++)
      for (let x = x1 * CELL; x < x2 * CELL; x++) data[(y * SIDE + x) * 3 + colour] = 255;
  }
  return rgbImage(SIDE, SIDE, data);
}

/** The fake encoder, which sees mean colours, with patches that see the mean colours of their cells. */
function patchEncoder(): Encoder {
  const encoder = fakeEncoder();
  return {
    ...encoder,
    embedPatches: async ([image]) => {
      const cells = Array.from({ length: GRID * GRID }, (_, i) => {
        const [y, x] = [Math.floor(i / GRID) / GRID, (i % GRID) / GRID];
        return cropImage(image as RgbImage, box(y, x, y + 1 / GRID, x + 1 / GRID));
      });
      const embeddings = await encoder.embedImages(cells);
      return [{ rows: GRID, columns: GRID, embeddings, patchHeight: 1 / GRID, patchWidth: 1 / GRID }];
    },
  };
}

const scale = ({ y1, x1, y2, x2 }: Box): Box => box(y1 / GRID, x1 / GRID, y2 / GRID, x2 / GRID);

describe('the heatmap detector', () => {
  const red = box(1, 1, 4, 3);
  const blue = box(5, 4, 7, 8);

  it('finds each colour where it is, to the patch, and scores its crop', async () => {
    const detector = heatmapDetector(patchEncoder());
    const found = await detector.detect(picture([0, red], [2, blue]), ['red', 'blue']);
    expect(found.map(({ query }) => query)).toEqual(['red', 'blue']);
    expect(intersectionOverUnion(found[0]!.box, scale(red))).toBeCloseTo(1, 6);
    expect(intersectionOverUnion(found[1]!.box, scale(blue))).toBeCloseTo(1, 6);
    // The fake encoder's probability of a perfect match is σ(10 − 5).
    for (const { score } of found) expect(score).toBeCloseTo(1 / (1 + Math.exp(-5)), 2);
  });

  it('gives a low score to what is not there', async () => {
    const detector = heatmapDetector(patchEncoder());
    const found = await detector.detect(picture([0, red], [2, blue]), ['green']);
    for (const { score } of found) expect(score).toBeLessThan(0.5);
    expect(await annotate(picture([0, red]), [{ text: 'a photo of red' }], detector)).toEqual([
      { box: scale(red), text: 'a photo of red', score: expect.closeTo(0.993, 2) },
    ]);
  });

  it('two things are two boxes, the larger first, up to a limit; specks are none', async () => {
    const image = picture([0, red], [0, box(6, 5, 8, 7)], [0, box(0, 7, 1, 8)]);
    const boxesWith = async (options: Parameters<typeof heatmapDetector>[1]) =>
      (await heatmapDetector(patchEncoder(), options).detect(image, ['red'])).map((found) => found.box);
    expect(await boxesWith({})).toEqual([scale(red), scale(box(6, 5, 8, 7))]);
    expect(await boxesWith({ maxBoxes: 1 })).toEqual([scale(red)]);
    expect(await boxesWith({ minPatches: 1 })).toHaveLength(3);
  });

  it('averages the prompts of a query', async () => {
    const asked: string[] = [];
    const encoder = patchEncoder();
    const spy: Encoder = {
      ...encoder,
      embedTexts: (texts) => {
        asked.push(...texts);
        return encoder.embedTexts(texts);
      },
    };
    await heatmapDetector(spy).detect(picture([0, red]), ['Red!', 'blue']);
    expect(DETECTION_TEMPLATES).toHaveLength(7);
    expect(asked).toHaveLength(14);
    expect(asked[0]).toContain('red');
    expect(asked[0]).not.toContain('!');
  });

  it('finds nothing in a flat picture, and nothing when nothing is asked', async () => {
    const flat = { rows: 2, columns: 2, patchHeight: 0.5, patchWidth: 0.5 };
    const embeddings = ndarray('float32', [4, 3], new Float32Array(12).fill(Math.sqrt(1 / 3)));
    const encoder = fakeEncoder({ embedPatches: async () => [{ ...flat, embeddings }] });
    expect(await heatmapDetector(encoder).detect(EMPTY, ['red'])).toEqual([]);
    expect(await heatmapDetector(encoder).detect(EMPTY, [])).toEqual([]);
  });

  it('refuses settings that make no sense', () => {
    const encoder = fakeEncoder();
    expect(() => heatmapDetector(encoder, { threshold: 1 })).toThrow(/threshold is 1/);
    expect(() => heatmapDetector(encoder, { minPatches: 0 })).toThrow(/minPatches is 0/);
    expect(() => heatmapDetector(encoder, { templates: [] })).toThrow(
      /templates is \[\]; it must be a list of at least 1/,
    );
  });
});
