import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/tensor/random.ts';
import { lossChange } from '../../../src/train/finetune/lossChange.ts';

/** Losses around a line, as batches differ. */
function losses(steps: number, from: number, to: number, noise: number): number[] {
  const random = createRandom(0, 'losses', steps);
  return Array.from(
    { length: steps },
    (_, i) => from + ((to - from) * i) / (steps - 1) + noise * (random.next() - 0.5),
  );
}

describe('lossChange', () => {
  test('a fall is one when it is larger than what batches differ by', () => {
    expect(lossChange(losses(60, 10, 4, 0.5))!.fell).toBe(true);
    expect(lossChange(losses(60, 10, 9.9, 4))!.fell).toBe(false);
    expect(lossChange(losses(60, 10, 10, 0))!.fell).toBe(false);
    expect(lossChange(losses(60, 10, 12, 0.1))).toMatchObject({ fell: false, rose: true });
    expect(lossChange([3, 3, 3, 2, 2, 2])).toEqual({ first: 3, last: 2, fell: true, rose: false });
  });

  test('a few steps say nothing', () => {
    expect(lossChange([3, 2, 1, 0.5, 0.1])).toBeUndefined();
  });
});
