import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/tensor/random.ts';
import { gumbelTopK } from '../../../src/train/curation/gumbelTopK.ts';
import { createPairLosses, type PairLosses } from '../../../src/train/curation/pairLosses.ts';
import { easyReference, learnability, pairScores } from '../../../src/train/curation/pairScores.ts';
import { selectJointly } from '../../../src/train/curation/selectJointly.ts';
import { selectedSize, superBatchSize } from '../../../src/train/curation/settings.ts';
import { bruteForce, learnabilityMatrix, lossMatrix, randomPairs } from './reference.ts';

/** Does not divide the number of pairs, so the last block is a short one. */
const BLOCK = 7;
let losses: PairLosses;
beforeAll(async () => {
  losses = await createPairLosses(BLOCK, { threads: 1 });
});
afterAll(() => losses.dispose());

const COUNT = 24;
// The teacher is wider than the learner, as a So400m is than a B.
const teacher = randomPairs(COUNT, 12, 'teacher', (pair) => (pair % 2 === 0 ? 4 : 0));
const learner = randomPairs(COUNT, 8, 'learner', (pair) => (pair % 3 === 0 ? 1 : 0));

describe('scores', () => {
  it('are differences of losses, or minus the teacher', () => {
    expect([...learnability([3, 1], [1, 2])]).toEqual([2, -1]);
    expect([...easyReference([1, 2])]).toEqual([-1, -2]);
  });

  it('of pairs and against others equal the whole matrix', async () => {
    const matrix = lossMatrix(teacher);
    const others = Int32Array.of(3, 11, 20);
    const matching = await losses.matching(teacher);
    const against = await losses.against(teacher, others);
    for (let i = 0; i < COUNT; i++) {
      // float32 against double: logits up to 13, so an error of 1e-6 in each.
      expect(matching[i]).toBeCloseTo(matrix[i]![i]!, 4);
      if (others.includes(i)) continue;
      const expected = [...others].reduce((total, k) => total + matrix[i]![k]! + matrix[k]![i]!, 0);
      expect(against[i]).toBeCloseTo(expected, 4);
    }
  });

  it('of two models need the same pairs', () => {
    const few = randomPairs(3, 8, 'few');
    expect(() => pairScores(losses, { score: 'learnability', teacher, learner: few })).toThrow(/3 pairs/);
  });
});

describe('joint selection', () => {
  it.each([1, 2, 5, 12])('in %i chunks equals brute force over the whole matrix', async (chunks) => {
    const scores = pairScores(losses, { score: 'learnability', teacher, learner });
    const chosen = await selectJointly(scores, { select: 12, chunks }, createRandom(1, 'draw', chunks));
    const expected = bruteForce(
      learnabilityMatrix(learner, teacher),
      12,
      chunks,
      createRandom(1, 'draw', chunks),
    );
    expect([...chosen]).toEqual(expected);
    expect(new Set(chosen).size).toBe(12);
  });

  it('by an easy reference reads the teacher alone', async () => {
    const scores = pairScores(losses, { score: 'easyReference', teacher });
    const chosen = await selectJointly(scores, { select: 6, chunks: 3 }, createRandom(2));
    const matrix = lossMatrix(teacher).map((row) => row.map((loss) => -loss));
    expect([...chosen]).toEqual(bruteForce(matrix, 6, 3, createRandom(2)));
  });

  it('prefers what the teacher knows and the learner does not', async () => {
    // Even pairs match for the teacher; those of them that are no multiple of three are news to the learner.
    const scores = pairScores(losses, { score: 'learnability', teacher, learner });
    const learnable = (pair: number) => pair % 2 === 0 && pair % 3 !== 0;
    const share = COUNT / 3 / COUNT;
    let hits = 0;
    const rounds = 60;
    for (let round = 0; round < rounds; round++) {
      const chosen = await selectJointly(scores, { select: 6, chunks: 2 }, createRandom(round, 'prefer'));
      hits += [...chosen].filter(learnable).length;
    }
    // By chance a third of 360, with a standard deviation below 9.
    expect(hits).toBeGreaterThan(share * 6 * rounds + 10 * 9);
  });

  it('of all pairs takes all', async () => {
    const scores = pairScores(losses, { score: 'easyReference', teacher });
    const chosen = await selectJointly(scores, { select: COUNT, chunks: 4 }, createRandom(0));
    expect([...chosen].sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
  });

  it('refuses counts that do not fit', async () => {
    const scores = pairScores(losses, { score: 'easyReference', teacher });
    const random = createRandom(0);
    await expect(selectJointly(scores, { select: 25, chunks: 1 }, random)).rejects.toThrow(/25 of 24/);
    await expect(selectJointly(scores, { select: 4, chunks: 5 }, random)).rejects.toThrow(/chunks is 5/);
  });

  it('does not choose by scores that are no numbers', async () => {
    const nan = {
      size: 2,
      matching: async () => Float64Array.of(0, Number.NaN),
      against: async () => new Float64Array(2),
    };
    await expect(selectJointly(nan, { select: 1, chunks: 1 }, createRandom(0))).rejects.toThrow(/pair 1/);
  });
});

describe('Gumbel top-k', () => {
  it('draws in the probabilities of sampling without replacement', () => {
    const weights = [1, 2, 3, 4];
    const logits = weights.map(Math.log);
    const random = createRandom(5, 'gumbel');
    const draws = 20_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < draws; i++) {
      const key = gumbelTopK(logits, [0, 0, 0, 0], 2, random).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    let chiSquare = 0;
    for (const [i, a] of weights.entries()) {
      for (const [j, b] of weights.entries()) {
        if (i === j) continue;
        const expected = draws * (a / 10) * (b / (10 - a));
        chiSquare += ((counts.get(`${i},${j}`) ?? 0) - expected) ** 2 / expected;
      }
    }
    // 12 outcomes, 11 degrees of freedom: 31.3 is passed by chance once in a thousand; the seed is fixed.
    expect(chiSquare).toBeLessThan(31.3);
  });

  it('never draws what is taken, and says when nothing is left', () => {
    const random = createRandom(0);
    expect([...gumbelTopK([50, 0, 0], [1, 0, 0], 2, random)].sort()).toEqual([1, 2]);
    expect(() => gumbelTopK([1, 2], [1, 0], 2, random)).toThrow(/2 of 1/);
  });
});

describe('sizes', () => {
  it('are those of the paper', () => {
    expect(superBatchSize(32_768, 0.5)).toBe(65_536);
    expect(superBatchSize(32_768, 0.75)).toBe(131_072);
    expect(selectedSize(131_072, 0.75)).toBe(32_768);
  });

  it('that do not fit are refused', () => {
    expect(() => superBatchSize(8, 1)).toThrow(/less than 1/);
    expect(() => superBatchSize(0, 0.5)).toThrow(/batch is 0; it must be a whole number/);
    expect(() => selectedSize(7, 0.5)).toThrow(/super-batch of 7/);
  });
});
