import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/tensor/random.ts';
import { PAPER_OPTIMIZER } from '../../../../src/train/step/optimizer/config.ts';
import { optimizerScalars } from '../../../../src/train/step/optimizer/optimizer.ts';
import { scheduleAt } from '../../../../src/train/step/optimizer/schedule.ts';
import { applyMissed, missedUpdates, type PastUpdate } from '../../../../src/train/step/sparse/catchUp.ts';

const optimizer = { ...PAPER_OPTIMIZER, learningRate: 0.01 };
const schedule = { totalSteps: 3000, warmupSteps: 10 };
const past: PastUpdate[] = Array.from({ length: 3000 }, (_, step) => {
  const [, rate, epsilon] = optimizerScalars(step, scheduleAt(step, schedule), optimizer).data;
  return { rate: rate!, epsilon: epsilon! };
});

type Row = [Float32Array, Float32Array, Float32Array];

/** Gradients of all sizes: far above ε, about it and below it; and none. */
function row(): Row {
  const random = createRandom(3, 'row');
  const sizes = [1, 1e-3, 1e-5, 1e-7, 1e-8, 1e-9, 1e-12, 0].flatMap((size) =>
    Array.from({ length: 8 }, () => size),
  );
  const gradients = sizes.map((size) => size * random.normal());
  return [
    Float32Array.from(sizes, () => random.normal() * 0.1),
    Float32Array.from(gradients, (g) => 0.1 * g),
    Float32Array.from(gradients, (g) => 0.05 * g * g),
  ];
}

/** Dense Adam without a gradient, update by update in double precision. */
function denseUpdates([value, first, second]: Row, from: number, to: number, config = optimizer) {
  const [beta1, beta2] = [Math.fround(config.beta1), Math.fround(config.beta2)];
  return Array.from(value, (start, i) => {
    let [p, m, v] = [start, first[i]!, second[i]!];
    for (const { rate, epsilon } of past.slice(from, to)) {
      m *= beta1;
      v *= beta2;
      p -= (rate * m) / (Math.sqrt(v) + epsilon);
    }
    return [p, m, v] as const;
  });
}

describe('updates that a row has missed', () => {
  it.each([
    [1, 1],
    [5, 3],
    [20, 50],
    [20, 300],
    [900, 2000],
  ])('after %i, %i of them, equal those of the dense optimizer', (seen, count) => {
    const start = row();
    const expected = denseUpdates(start, seen, seen + count);
    const actual = start.map((array) => array.slice()) as Row;
    applyMissed(missedUpdates(past.slice(0, seen + count), seen, optimizer), actual, 0, actual[0].length);
    let moved = 0;
    expected.forEach(([p, m, v], i) => {
      // Values up to 0.5: half a unit in the last place is 3e-8.
      expect(Math.abs(actual[0][i]! - p)).toBeLessThan(3e-8);
      // Relative to a float32; numbers that are not normal become nought.
      expect(Math.abs(actual[1][i]! - m)).toBeLessThanOrEqual(Math.max(1e-7 * Math.abs(m), 2 ** -126));
      expect(Math.abs(actual[2][i]! - v)).toBeLessThanOrEqual(Math.max(1e-7 * v, 2 ** -126));
      moved = Math.max(moved, Math.abs(p - start[0][i]!));
    });
    // What was missed is far more than the tolerance.
    expect(moved).toBeGreaterThan(1e-4);
  });

  it('use the series where gradients are above ε, and the sum elsewhere', () => {
    const { seriesFrom, a } = missedUpdates(past, 20, optimizer);
    expect(seriesFrom).toBeGreaterThan(1e-7);
    expect(seriesFrom).toBeLessThan(1e-4);
    expect(a.length).toBeLessThan(400);
  });

  it('are few also where the second moment decays faster than the square of the first', () => {
    const config = { ...optimizer, beta2: 0.5 };
    const start = row();
    const expected = denseUpdates(start, 20, 2020, config);
    const actual = start.map((array) => array.slice()) as Row;
    const missed = missedUpdates(past.slice(0, 2020), 20, config);
    applyMissed(missed, actual, 0, actual[0].length);
    // 0.9⁸²⁹ is the last that is a normal float32.
    expect(missed.a.length).toBeLessThan(840);
    expected.forEach(([p], i) => {
      // A rounding of float32, of the value or of its change.
      expect(Math.abs(actual[0][i]! - p)).toBeLessThan(1e-7 * Math.max(1, Math.abs(p)));
    });
  });
});
