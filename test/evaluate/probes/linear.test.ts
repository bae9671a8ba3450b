import { beforeAll, describe, expect, it } from 'vitest';
import { applyLinearProbe, fitLinearProbe, linearLayer } from '../../../src/evaluate/probes/linearProbe.ts';
import {
  lowerGram,
  type Matrix,
  matrix,
  times,
  transpose,
  transposeTimes,
} from '../../../src/evaluate/probes/matrix.ts';
import { ridge } from '../../../src/evaluate/probes/ridge.ts';
import { softmaxRegression } from '../../../src/evaluate/probes/softmaxRegression.ts';
import {
  argmaxRows,
  drawShots,
  evaluateFewShot,
  fewShotPredictions,
} from '../../../src/evaluate/tasks/fewShot.ts';
import type { NdArray } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { readFixture } from '../../support/fixtures.ts';

let fixture: Map<string, NdArray>;
beforeAll(async () => {
  fixture = await readFixture('probe/probe.safetensors');
});

const values = (name: string) => Array.from(fixture.get(name)!.data, Number);
function fixtureMatrix(name: string): Matrix {
  const [rows, columns] = fixture.get(name)!.shape as [number, number];
  return matrix(rows, columns, values(name));
}

const difference = (actual: Matrix, expected: readonly number[]) =>
  Math.max(...expected.map((value, i) => Math.abs(value - actual.data[i]!)));

const random = (rows: number, columns: number, seed: number) => {
  const stream = createRandom(seed, 'matrix');
  return matrix(
    rows,
    columns,
    Array.from({ length: rows * columns }, () => stream.normal()),
  );
};

// Double precision on both sides; the fixture rounds its results to float32.
const TOLERANCE = 1e-6;

describe('matrices', () => {
  it.each([1, 3, 4, 5, 8, 11])('multiply as the definition says, %i rows', (rows) => {
    const [x, y, z] = [random(rows, 6, 1), random(rows, 5, 2), random(6, 3, 3)];
    const sum = (count: number, term: (i: number) => number) =>
      Array.from({ length: count }, (_, i) => term(i)).reduce((total, value) => total + value, 0);
    const crossed = Array.from({ length: 30 }, (_, at) =>
      sum(rows, (n) => x.data[n * 6 + Math.floor(at / 5)]! * y.data[n * 5 + (at % 5)]!),
    );
    expect(difference(transposeTimes(x, y), crossed)).toBeLessThan(1e-12);
    const gram = transposeTimes(x, x).data.map((value, at) => (at % 6 <= Math.floor(at / 6) ? value : 0));
    expect(lowerGram(x).data).toEqual(gram);
    const product = Array.from({ length: rows * 3 }, (_, at) =>
      sum(6, (n) => x.data[Math.floor(at / 3) * 6 + n]! * z.data[n * 3 + (at % 3)]!),
    );
    expect(difference(times(x, z), product)).toBeLessThan(1e-12);
    expect(transpose(transpose(x))).toEqual(x);
    expect(transpose(x).data[1 * rows]).toBe(x.data[1]);
  });

  it('refuse shapes that do not fit', () => {
    expect(() => matrix(2, 2, [1, 2, 3])).toThrow(/2×2 matrix needs 4 values, got 3/);
    expect(() => times(random(2, 3, 1), random(2, 3, 1))).toThrow(/3 columns don't fit 2 rows/);
    expect(() => transposeTimes(random(2, 3, 1), random(3, 3, 1))).toThrow(/2 and 3 rows/);
  });
});

describe('ridge', () => {
  it.each(['tall', 'wide'])('equals NumPy, %s', (name) => {
    const [x, y] = [fixtureMatrix(`ridge.${name}.x`), fixtureMatrix(`ridge.${name}.y`)];
    const before = { ...x, data: x.data.slice() };
    expect(difference(ridge(x, y, 0.7), values(`ridge.${name}.w`))).toBeLessThan(TOLERANCE);
    expect(x).toEqual(before);
  });

  it('finds the map that made the targets', () => {
    const [x, w] = [random(40, 8, 1), random(8, 2, 2)];
    expect(difference(ridge(x, times(x, w), 0), [...w.data])).toBeLessThan(1e-10);
  });

  it('refuses what has no solution', () => {
    const twice = matrix(3, 2, [1, 1, 2, 2, 3, 3]);
    expect(() => ridge(twice, random(3, 1, 1), 0)).toThrow(/linearly dependent/);
    expect(() => ridge(twice, random(3, 1, 1), -1)).toThrow(/regularisation is -1/);
    expect(() => ridge(matrix(0, 2, []), matrix(0, 1, []), 1)).toThrow(/at least one example/);
  });
});

describe('softmax regression', () => {
  it.each([0.1, 10])("equals SciPy's L-BFGS, λ = %f", (lambda) => {
    const [x, y] = [fixtureMatrix('softmax.x'), fixtureMatrix('softmax.y')];
    const found = softmaxRegression(x, y, lambda, { tolerance: 1e-15 });
    expect(difference(found, values(`softmax.w.${lambda}`))).toBeLessThan(TOLERANCE);
    // Stops when the loss, not the weights, has settled: near the minimum it is flat.
    expect(difference(softmaxRegression(x, y, lambda), [...found.data])).toBeLessThan(0.02);
  });

  it('separates classes that features tell apart', () => {
    const x = matrix(4, 2, [3, 1, 2, 1, -2, 1, -3, 1]);
    const y = matrix(4, 2, [1, 0, 1, 0, 0, 1, 0, 1]);
    const { data } = softmaxRegression(x, y, 0.01, { tolerance: 1e-15 });
    expect(data[0]).toBeGreaterThan(1);
    // At the minimum of one weight w against −w: Σ x·σ(−2wx) = λw over the examples.
    const w = data[0]!;
    const pull = [3, 2, 2, 3].reduce((sum, at) => sum + at / (1 + Math.exp(2 * w * at)), 0);
    expect(pull).toBeCloseTo(0.01 * w, 6);
  });

  it('has nothing to do where there is one class, or no truth', () => {
    expect(Math.hypot(...softmaxRegression(random(4, 2, 1), matrix(4, 1, [1, 1, 1, 1]), 1).data)).toBe(0);
    expect(Math.hypot(...softmaxRegression(random(4, 2, 1), matrix(4, 2, Array(8).fill(0)), 1).data)).toBe(0);
  });

  it('refuses what has no solution', () => {
    expect(() => softmaxRegression(random(3, 2, 1), random(3, 2, 1), 0)).toThrow(/regularisation is 0/);
    expect(() => softmaxRegression(matrix(0, 2, []), matrix(0, 2, []), 1)).toThrow(/at least one example/);
  });
});

describe('few-shot probe', () => {
  it.each([
    ['primal', 4],
    ['dual', 1024],
  ] as const)("equals big_vision's eigendecomposition, %s", (name, l2) => {
    const x = fixtureMatrix(`fewshot.${name}.x`);
    const labels = values(`fewshot.${name}.labels`);
    const test = fixtureMatrix(`fewshot.${name}.test`);
    const targets = matrix(
      x.rows,
      4,
      labels.flatMap((label) => [0, 1, 2, 3].map((c) => (c === label ? 1 : -1))),
    );
    const scores = applyLinearProbe(fitLinearProbe(x, targets, l2), test);
    expect(difference(scores, values(`fewshot.${name}.scores`))).toBeLessThan(TOLERANCE);
    const predicted = fewShotPredictions({ features: x, labels }, test, 4, l2);
    const truth = values(`fewshot.${name}.test_labels`);
    const accuracy = predicted.filter((label, i) => label === truth[i]).length / truth.length;
    expect(accuracy).toBeCloseTo(values(`fewshot.${name}.accuracy`)[0]!, 6);
    expect(predicted).toEqual(argmaxRows(fixtureMatrix(`fewshot.${name}.scores`)));
  });

  it('is one layer on features as they come', () => {
    const [features, targets, test] = [random(30, 5, 1), random(30, 3, 2), random(4, 5, 3)];
    const probe = fitLinearProbe(features, targets, 1);
    const { weight, bias } = linearLayer(probe);
    expect([weight.shape, bias.shape]).toEqual([[3, 5], [3]]);
    const scores = Array.from({ length: 12 }, (_, at) => {
      const [row, k] = [Math.floor(at / 3), at % 3];
      return test.data
        .subarray(row * 5, row * 5 + 5)
        .reduce((sum, x, i) => sum + x * weight.data[k * 5 + i]!, bias.data[k]!);
    });
    expect(difference(applyLinearProbe(probe, test), scores)).toBeLessThan(1e-5);
  });

  it('draws the asked number of each class, by seed', () => {
    const labels = Array.from({ length: 60 }, (_, i) => i % 3);
    const rows = drawShots(labels, 3, 4, 0);
    expect(rows.length).toBe(12);
    expect(new Set(rows).size).toBe(12);
    expect(rows.map((row) => labels[row])).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    expect(drawShots(labels, 3, 4, 0)).toEqual(rows);
    expect(drawShots(labels, 3, 4, 1)).not.toEqual(rows);
    expect(() => drawShots(labels, 3, 21, 0)).toThrow(/class 0 has 20 training pictures, 21 shots/);
    expect(() => drawShots(labels, 2, 1, 0)).toThrow(/label 2 is not one of 2/);
  });

  it('is right on separable classes and at chance on noise', () => {
    const labels = Array.from({ length: 120 }, (_, i) => i % 4);
    const noise = random(120, 6, 5);
    const clear = {
      ...noise,
      data: noise.data.map((value, at) => value + (at % 6 === labels[Math.floor(at / 6)] ? 20 : 0)),
    };
    const options = { classes: 4, shots: 5, seeds: [0, 1] };
    const good = evaluateFewShot({ features: clear, labels }, { features: clear, labels }, options);
    expect(good).toMatchObject({ accuracy: 1, chance: 0.25, examples: 120 });
    expect(good.accuracies.map(({ seed }) => seed)).toEqual([0, 1]);
    // 20 of 120 are the training pictures themselves; the others are guesses.
    const bad = evaluateFewShot(
      { features: noise, labels },
      { features: random(120, 6, 6), labels },
      options,
    );
    expect(bad.accuracy).toBeLessThan(0.5);
  });
});
