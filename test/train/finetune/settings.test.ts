import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VARIANTS, variantConfig } from '../../../src/model/variants.ts';
import { defaultBatch, defaultLearningRate, defaultSteps } from '../../../src/train/finetune/settings.ts';

const base = variantConfig('google/siglip2-base-patch16-224');

describe('defaults of fine-tuning', () => {
  test('a few images are seen in more than ten steps, at more than the rate of a long run', () => {
    // 60 images, of which six are held out.
    const batch = defaultBatch(54);
    expect(batch).toBe(16);
    const steps = defaultSteps(54, batch);
    expect(steps).toBe(60);
    // With 1e-5 and batches of 54, ten steps left the accuracy where it was.
    expect(defaultLearningRate(base, steps)).toBe(1.3e-4);
  });

  test('batch and steps grow with the data', () => {
    expect([2, 15, 16, 128, 400, 1e6, Number.POSITIVE_INFINITY].map(defaultBatch)).toEqual([
      2, 15, 16, 16, 50, 64, 64,
    ]);
    expect(defaultSteps(64_000, 64)).toBe(10_000);
  });

  test('the rate falls with the length of the run to the paper’s, and with the width of the model', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e7 }), fc.integer({ min: 1, max: 1e7 }), (a, b) => {
        const [short, long] = [Math.min(a, b), Math.max(a, b)];
        expect(defaultLearningRate(base, long)).toBeLessThanOrEqual(defaultLearningRate(base, short));
        expect(defaultLearningRate(base, long)).toBeGreaterThanOrEqual(1e-5);
        expect(defaultLearningRate(base, short)).toBeLessThanOrEqual(3.2e-4);
      }),
    );
    expect(defaultLearningRate(base, 10_000)).toBe(1e-5);
    const rates = ['base', 'large', 'so400m', 'giant-opt'].map((size) =>
      defaultLearningRate(variantConfig(VARIANTS.find((one) => one.size === size)!.name), 10_000),
    );
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
    expect(new Set(rates).size).toBe(4);
  });
});
