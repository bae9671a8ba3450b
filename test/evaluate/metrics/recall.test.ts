import { describe, expect, it } from 'vitest';
import {
  chanceOfAll,
  chanceRecall,
  meanRecall,
  ranks,
  recall,
} from '../../../src/evaluate/metrics/recall.ts';
import { float32 } from '../../../src/tensor/index.ts';

describe('ranking', () => {
  it('counts the wrong candidates at or above the best correct one', () => {
    const similarity = float32([3, 4], [0.9, 0.1, 0.2, 0.3, 0.5, 0.4, 0.6, 0.1, 0.2, 0.2, 0.2, 0.2]);
    // Query 0 hits at once; query 1 is second, by its better of two correct candidates; query 2 ties with all.
    expect([...ranks(similarity, [0, 1, 3], [0, 1, 2, 3])]).toEqual([0, 2, 3]);
    expect([...ranks(similarity, [0, 1, 3], [0, 1, 1, 3])]).toEqual([0, 0, 3]);
  });

  it('has no rank where nothing is correct', () => {
    expect([...ranks(float32([1, 2], [1, 0]), [7], [0, 1])]).toEqual([Number.POSITIVE_INFINITY]);
  });

  it('has no rank for what is not a number', () => {
    expect(() => ranks(float32([1, 2], [1, Number.NaN]), [0], [0, 1])).toThrow(
      /query 0 and candidate 1 is NaN/,
    );
  });

  it('knows that guessing finds nothing where nothing is right, and all where all are drawn', () => {
    expect(chanceOfAll([0], 3)).toEqual({ queries: 1, at1: 0, at5: 0, at10: 0 });
    expect(chanceOfAll([2], 3)).toEqual({ queries: 1, at1: expect.closeTo(2 / 3, 12), at5: 1, at10: 1 });
    expect(chanceRecall(4, 0)).toEqual({ queries: 4, at1: 0, at5: 0, at10: 0 });
  });

  it('turns ranks into recall', () => {
    expect(recall([0, 3, 7, 12])).toEqual({ queries: 4, at1: 0.25, at5: 0.5, at10: 0.75 });
    expect(chanceRecall(3, 4)).toEqual({ queries: 3, at1: 0.25, at5: 1, at10: 1 });
    const mean = meanRecall([recall([0]), recall([1, 1, 1])]);
    expect(mean).toEqual({ queries: 4, at1: 0.5, at5: 1, at10: 1 });
  });
});
