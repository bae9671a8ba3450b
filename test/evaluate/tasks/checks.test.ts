import { describe, expect, test } from 'vitest';
import type { ImageFeatures } from '../../../src/encoder/towers/features.ts';
import { countPixels, IGNORED, pixelCounts } from '../../../src/evaluate/metrics/meanIoU.ts';
import { matrix } from '../../../src/evaluate/probes/matrix.ts';
import { evaluateDepth } from '../../../src/evaluate/tasks/depth.ts';
import { evaluateFewShot, type LabelledFeatures } from '../../../src/evaluate/tasks/fewShot.ts';
import { referringAccuracy } from '../../../src/evaluate/tasks/referring.ts';
import { evaluateSegmentation } from '../../../src/evaluate/tasks/segmentation.ts';
import { float32 } from '../../../src/tensor/ndarray.ts';

const box = { y1: 0, x1: 0, y2: 1, x2: 1 };

describe('few-shot', () => {
  const set = (values: number[], labels: number[], columns = 2): LabelledFeatures => ({
    features: matrix(labels.length, columns, values),
    labels,
  });
  const good = set([0, 0, 1, 1], [0, 1]);
  const run = (train: LabelledFeatures, testing: LabelledFeatures, seeds = [0]) =>
    evaluateFewShot(train, testing, { classes: 2, shots: 1, seeds });

  test('a label or feature that is none is named, whichever set it is in', () => {
    expect(run(good, good).accuracy).toBe(1);
    expect(() => run(good, set([0, 0], [2]))).toThrow('test.labels[0] is 2; it must be a class from 0 to 1');
    expect(() => run(set([0, 0, 1, 1], [0, 0.5]), good)).toThrow('train.labels[1] is 0.5');
    expect(() => run(good, set([0, Number.NaN], [0]))).toThrow('test.features[1] is NaN');
    expect(() => run(good, { ...good, labels: [0] })).toThrow('test.labels has 1 labels for 2 examples');
    expect(() => run(good, set([0, 0, 0], [0], 3))).toThrow('2 columns and test.features 3');
  });

  test('nothing to evaluate is no accuracy of NaN', () => {
    expect(() => run(good, set([], []))).toThrow('no pictures in test');
    expect(() => run(good, good, [])).toThrow('fewShot.seeds is []; it must be a list of at least 1');
  });
});

describe('referring expressions', () => {
  test('a box that is none is named', () => {
    expect(() => referringAccuracy([box], [{ box: { ...box, y2: Number.NaN } }])).toThrow(
      'truths[0].box.y2 is NaN',
    );
    expect(() => referringAccuracy([box], [{ box: { ...box, y2: -1 } }])).toThrow('upper and left side');
    expect(() => referringAccuracy([{ ...box, x1: Number.NaN }], [{ box }])).toThrow('predictions[0].x1');
    expect(() => referringAccuracy([box], [{ box, candidates: [] }])).toThrow('truths[0].candidates');
    expect(() => referringAccuracy([box], [{ box }], Number.NaN)).toThrow('threshold is NaN');
    // A model may answer with an empty box: that is wrong, not an error.
    expect(referringAccuracy([{ ...box, y2: 0 }], [{ box }]).accuracy).toBe(0);
  });
});

describe('dense probes', () => {
  const features: ImageFeatures = {
    rows: 1,
    columns: 2,
    patchHeight: 1,
    patchWidth: 0.5,
    tokens: float32([2, 1], [0, 1]),
    pooled: float32([1], [1]),
  };
  const example = { features, height: 1, width: 2 };

  test('test images without anything to count are refused', () => {
    const train = [{ ...example, labels: [0, 1] }];
    const blank = [{ ...example, labels: [IGNORED, IGNORED] }];
    expect(() => evaluateSegmentation(train, blank, { classes: 2 })).toThrow('no labelled pixels');
    expect(() => evaluateSegmentation(train, [], { classes: 2 })).toThrow('no labelled pixels');
    expect(() => evaluateDepth([{ ...example, depth: [1, 2] }], [])).toThrow('no test images');
  });

  test('a class that is no whole number, or negative, is not counted elsewhere', () => {
    for (const odd of [-1, 0.5, Number.NaN, 2])
      expect(() => countPixels(pixelCounts(2), [odd], [0])).toThrow('there are 2 classes');
  });
});
