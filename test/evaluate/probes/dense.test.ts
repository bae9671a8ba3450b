import { beforeAll, describe, expect, it } from 'vitest';
import type { ImageFeatures } from '../../../src/encoder/towers/features.ts';
import {
  countPixels,
  majorityScores,
  pixelCounts,
  segmentationScores,
} from '../../../src/evaluate/metrics/meanIoU.ts';
import { fitDenseProbe, patchInputs, patchMeans, upsample } from '../../../src/evaluate/probes/denseProbe.ts';
import { matrix } from '../../../src/evaluate/probes/matrix.ts';
import { evaluateDepth } from '../../../src/evaluate/tasks/depth.ts';
import { evaluateSegmentation, scoreSegmentation } from '../../../src/evaluate/tasks/segmentation.ts';
import { float32, type NdArray } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { readFixture } from '../../support/fixtures.ts';

let fixture: Map<string, NdArray>;
beforeAll(async () => {
  fixture = await readFixture('probe/probe.safetensors');
});
const values = (name: string) => Array.from(fixture.get(name)!.data, Number);

const features = (
  rows: number,
  columns: number,
  tokens: number[],
  pooled: number[] = [0],
): ImageFeatures => ({
  rows,
  columns,
  patchHeight: 1 / rows,
  patchWidth: 1 / columns,
  tokens: float32([rows * columns, tokens.length / (rows * columns)], tokens),
  pooled: float32([pooled.length], pooled),
});

describe('mean IoU', () => {
  it('equals NumPy', () => {
    const counts = pixelCounts(6);
    countPixels(counts, values('iou.truth'), values('iou.predicted'));
    const scores = segmentationScores(counts);
    expect(scores.perClass.map((value) => value ?? -1)).toEqual(
      values('iou.per_class').map((value) => expect.closeTo(value, 6)),
    );
    // Five classes: one is only predicted; the sixth never comes and does not count.
    expect(scores.perClass[5]).toBeUndefined();
    expect(scores.meanIoU).toBeCloseTo(values('iou.mean')[0]!, 6);
    expect(scores.pixelAccuracy).toBeCloseTo(values('iou.accuracy')[0]!, 6);
  });

  it('is what one counts by hand, over several images', () => {
    const counts = pixelCounts(3);
    countPixels(counts, [0, 0, 1, 1], [0, 1, 1, 1]);
    countPixels(counts, [0, 255, 2, 2], [0, 2, 2, 0]);
    const scores = segmentationScores(counts);
    expect(scores.perClass).toEqual([2 / 4, 2 / 3, 1 / 2]);
    expect(scores.meanIoU).toBeCloseTo((2 / 4 + 2 / 3 + 1 / 2) / 3, 12);
    expect(scores.pixelAccuracy).toBe(5 / 7);
    // Class 0 everywhere: three of seven, and nothing of the others.
    expect(majorityScores(counts)).toEqual({
      meanIoU: 3 / 7 / 3,
      perClass: [3 / 7, 0, 0],
      pixelAccuracy: 3 / 7,
    });
  });

  it('refuses pixels that do not fit', () => {
    expect(() => countPixels(pixelCounts(2), [0], [0, 1])).toThrow(/2 predicted pixels for 1/);
    expect(() => countPixels(pixelCounts(2), [0, 2], [0, 1])).toThrow(/pixel 1 has class 2 or 1/);
  });
});

describe('patches and pixels', () => {
  it.each([
    [12, 20],
    [7, 11],
  ])('are blended up to %i × %i as PyTorch does', (height, width) => {
    const example = { features: features(3, 5, Array(15).fill(0)), height, width };
    const result = upsample(example, matrix(15, 2, values('upsample.grid')));
    const expected = values(`upsample.${height}.${width}`);
    expect(result.data.length).toBe(expected.length);
    // The fixture is float32.
    expect(Math.max(...expected.map((value, i) => Math.abs(value - result.data[i]!)))).toBeLessThan(1e-6);
  });

  it('are averaged, less the rest that no patch sees', () => {
    // Two patches of 2 × 2 pixels, and a fifth column and a third row beyond them.
    const example = {
      features: { ...features(1, 2, [0, 0]), patchHeight: 2 / 3, patchWidth: 2 / 5 },
      height: 3,
      width: 5,
    };
    const picture = [1, 2, 3, 4, 99, 5, 6, 7, 8, 99, 99, 99, 99, 99, 99];
    expect([...patchMeans(example, 1, (pixel) => picture[pixel]!).data]).toEqual([3.5, 5.5]);
  });

  it('have the pooled output beside each patch', () => {
    expect([...patchInputs(features(1, 2, [1, 2, 3, 4], [8, 9])).data]).toEqual([1, 2, 8, 9, 3, 4, 8, 9]);
  });
});

/** Images whose patches tell their class (0 … 2) in a rotated code with a little noise; 4 × 3 patches of 2 × 2 pixels. */
function codedImages(count: number, seed: number, readable = true) {
  return Array.from({ length: count }, (_, i) => {
    const random = createRandom(seed, 'coded', i);
    const classes = Array.from({ length: 12 }, () => random.int(3));
    const tokens = classes.flatMap((label) => {
      const code = readable ? [label === 1 ? 3 : 0, label === 2 ? -2 : 1] : [0, 0];
      return [...code, code[0]! - code[1]!].map((value) => value + 0.05 * random.normal());
    });
    const labels = Array.from(
      { length: 48 },
      (_, at) => classes[Math.floor(at / 12) * 3 + Math.floor((at % 6) / 2)]!,
    );
    return { features: features(4, 3, tokens, [1, 2, 3]), height: 8, width: 6, labels, classes };
  });
}

describe('linear-probe segmentation', () => {
  const options = { classes: 3, regularisation: 1 };

  it('reads what the patches tell', () => {
    const result = evaluateSegmentation(codedImages(20, 1), codedImages(10, 2), options);
    // Blending between patches of other classes costs pixels at their borders, or ties in their middle class.
    expect(result.meanIoU).toBeGreaterThan(0.6);
    expect(result.images).toBe(10);
    expect(result.chance.meanIoU).toBeLessThan(0.2);
  });

  it('is exact where nothing has to be blended', () => {
    const perPatch = codedImages(20, 1).map((one) => ({ ...one, height: 4, width: 3, labels: one.classes }));
    expect(evaluateSegmentation(perPatch.slice(0, 10), perPatch.slice(10), options).meanIoU).toBe(1);
  });

  it('finds a class between two others, which least squares masks', () => {
    // Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, §4.2: classes in a row along one feature.
    const images = (seed: number) =>
      Array.from({ length: 20 }, (_, i) => {
        const random = createRandom(seed, 'row', i);
        const labels = Array.from({ length: 12 }, () => random.int(3));
        const tokens = labels.map((label) => label - 1 + 0.1 * random.normal());
        return { features: features(4, 3, tokens), height: 4, width: 3, labels };
      });
    const [train, test] = [images(1), images(2)];
    expect(evaluateSegmentation(train, test, options).meanIoU).toBeGreaterThan(0.98);
    const shares = ({ labels, ...one }: (typeof train)[number]) =>
      patchMeans(one, 3, (pixel, label) => (labels[pixel] === label ? 1 : 0));
    const { regularisation } = options;
    const squares = scoreSegmentation(fitDenseProbe(train, shares, { regularisation }), test, 3);
    expect(squares.perClass[1]).toBeLessThan(0.6);
  });

  it('is near chance where they tell nothing', () => {
    const result = evaluateSegmentation(codedImages(20, 1, false), codedImages(10, 2, false), options);
    expect(result.meanIoU).toBeLessThan(0.35);
  });
});

describe('linear-probe depth', () => {
  const depthOf = [1, 0.5, 0.2] as const;
  const withDepth = (seed: number, readable: boolean) =>
    codedImages(15, seed, readable).map((one) => ({
      ...one,
      depth: one.labels.map((label) => depthOf[label]!),
      instances: one.labels,
    }));

  it('reads what the patches tell, and orders objects', () => {
    const result = evaluateDepth(withDepth(1, true), withDepth(2, true), 1);
    expect(result.rmse).toBeLessThan(0.6 * result.chance.rmse);
    expect(result.pairs).toBe(15);
    expect(result.order).toBeGreaterThan(0.9);
  });

  it('is no better than the mean where they tell nothing', () => {
    const result = evaluateDepth(withDepth(1, false), withDepth(2, false), 1);
    expect(result.rmse).toBeGreaterThan(0.9 * result.chance.rmse);
    // By hand: the mean over training pixels, the deviation over test pixels.
    const train = withDepth(1, false).flatMap(({ depth }) => depth);
    const test = withDepth(2, false).flatMap(({ depth }) => depth);
    const mean = train.reduce((sum, value) => sum + value, 0) / train.length;
    const squares = test.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    expect(result.chance.rmse).toBeCloseTo(Math.sqrt(squares / test.length), 12);
  });

  it('has no order without objects', () => {
    const plain = withDepth(1, true).map((one) => ({ ...one, instances: undefined }));
    expect(evaluateDepth(plain, plain, 1)).toMatchObject({ order: undefined, pairs: 0 });
  });

  it.each([0, Number.NaN])('neither fits nor counts pixels without depth, written as %d', (noDepth) => {
    const whole = withDepth(1, true);
    const test = withDepth(2, true);
    // The first image has no depth in its left half; its patches there can't be fitted.
    const holed = (all: typeof whole) =>
      all.map((one, i) => ({
        ...one,
        noDepth,
        depth: one.depth.map((depth, pixel) => (i === 0 && pixel % one.width < 2 ? noDepth : depth)),
      }));
    const result = evaluateDepth(holed(whole), holed(test), 1);
    expect(result).toMatchObject({ pixels: 15 * 48 - 16, withoutDepth: 16 });
    expect(result.rmse).toBeLessThan(0.6 * result.chance.rmse);
    expect(Object.values(result.chance).every(Number.isFinite)).toBe(true);
  });

  it('refuses a depth that is no number, a wrong count, and images without any depth', () => {
    const good = withDepth(1, true);
    const bad = (depth: number[], noDepth?: number) => good.map((one) => ({ ...one, depth, noDepth }));
    const oneNaN = good[0]!.depth.map((value, i) => (i === 7 ? Number.NaN : value));
    expect(() => evaluateDepth(bad(oneNaN), good)).toThrow(
      /depth is NaN at row 1, column 1; say with noDepth/,
    );
    expect(() => evaluateDepth(good, bad(oneNaN))).toThrow(/depth is NaN/);
    expect(() => evaluateDepth(bad([1, 2]), good)).toThrow(/depth has 2 values for 8 × 6 = 48 pixels/);
    const none = bad(Array(48).fill(0), 0);
    expect(() => evaluateDepth(none, good)).toThrow(/no patch .* has a target/);
    expect(() => evaluateDepth(good, none)).toThrow(/no pixel of the test images has a depth/);
  });

  it('refuses labels that are no class', () => {
    const images = codedImages(2, 1);
    const wrong = images.map((one) => ({
      ...one,
      labels: one.labels.map((label, i) => (i === 3 ? 7 : label)),
    }));
    const options = { classes: 3 };
    expect(() => evaluateSegmentation(wrong, images, options)).toThrow(/labels has 7 at row 0, column 3/);
    expect(() => evaluateSegmentation(images, wrong, options)).toThrow(/labels has 7/);
    expect(() =>
      evaluateSegmentation(
        images.map((one) => ({ ...one, labels: [1] })),
        images,
        options,
      ),
    ).toThrow(/labels has 1 values for/);
  });
});
