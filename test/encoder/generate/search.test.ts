import { describe, expect, it } from 'vitest';
import {
  beamSearch,
  bestTokens,
  type Continuation,
  greedySearch,
  type Hypothesis,
} from '../../../src/encoder/generate/search.ts';
import { createRandom } from '../../../src/tensor/random.ts';

const END = 1;
const VOCABULARY = 4;

/** Random probabilities for every beginning: a language in which the best text is rarely the greedy one. */
function distribution(seed: number, tokens: readonly number[]): Float32Array {
  const random = createRandom(seed, 'language', tokens.join());
  const weights = Array.from({ length: VOCABULARY }, () => Math.exp(2 * random.normal()));
  const total = weights.reduce((a, b) => a + b);
  return Float32Array.from(weights, (weight) => Math.log(weight / total));
}

function language(seed: number): Continuation & { readonly calls: () => number } {
  let texts: number[][] = [[]];
  let calls = 0;
  return {
    calls: () => calls,
    first: distribution(seed, []),
    next: async (parents, tokens) => {
      calls++;
      texts = parents.map((parent, i) => [...texts[parent]!, tokens[i]!]);
      return texts.map((text) => distribution(seed, text));
    },
  };
}

/** Every text of at most `maxTokens` tokens, with its probability. */
function allTexts(seed: number, maxTokens: number): Hypothesis[] {
  const walk = (tokens: number[], logProbability: number): Hypothesis[] =>
    tokens.length === maxTokens
      ? [{ tokens, logProbability, ended: false }]
      : [...distribution(seed, tokens)].flatMap((value, token) =>
          token === END
            ? [{ tokens, logProbability: logProbability + value, ended: true }]
            : walk([...tokens, token], logProbability + value),
        );
  return walk([], 0);
}

const score = ({ tokens, logProbability, ended }: Hypothesis, penalty: number): number =>
  logProbability / (tokens.length + (ended ? 1 : 0)) ** penalty;

describe('beam search', () => {
  const limits = { end: END, maxTokens: 5 };
  const SEEDS = Array.from({ length: 12 }, (_, i) => i);

  it.each([0, 0.6, 1])(
    'with a beam for every text finds the best of all (penalty %d)',
    async (lengthPenalty) => {
      for (const seed of SEEDS) {
        const all = allTexts(seed, limits.maxTokens).sort(
          (a, b) => score(b, lengthPenalty) - score(a, lengthPenalty),
        );
        const found = await beamSearch(language(seed), { ...limits, width: all.length, lengthPenalty });
        expect(found.slice(0, 5).map(({ tokens, ended }) => ({ tokens, ended }))).toEqual(
          all.slice(0, 5).map(({ tokens, ended }) => ({ tokens, ended })),
        );
        expect(found[0]!.logProbability).toBeCloseTo(all[0]!.logProbability, 6);
      }
    },
  );

  it('finds better texts than the greedy search', async () => {
    let better = 0;
    for (const seed of SEEDS) {
      const greedy = await greedySearch(language(seed), limits);
      const [best] = await beamSearch(language(seed), { ...limits, width: 64, lengthPenalty: 0 });
      expect(best!.logProbability).toBeGreaterThanOrEqual(greedy.logProbability - 1e-9);
      if (best!.logProbability > greedy.logProbability + 1e-6) better++;
    }
    expect(better).toBeGreaterThan(2);
  });

  it('stops when nothing better can come', async () => {
    const certain: Continuation = {
      first: Float32Array.of(-20, -0.01, -20, -20),
      next: () => Promise.reject(new Error('was asked for more')),
    };
    const [best] = await beamSearch(certain, { ...limits, width: 1, lengthPenalty: 0 });
    expect(best).toEqual({ tokens: [], logProbability: expect.closeTo(-0.01, 5), ended: true });
  });

  it('returns unfinished texts at the limit, and none with tokens that are impossible', async () => {
    const row = Float32Array.of(Math.log(0.5), -Infinity, Math.log(0.5), -Infinity);
    const endless: Continuation = { first: row, next: async (parents) => parents.map(() => row) };
    const found = await beamSearch(endless, { ...limits, width: 3, lengthPenalty: 1 });
    expect(found).toHaveLength(3);
    for (const { tokens, ended } of found) {
      expect(ended).toBe(false);
      expect(tokens).toHaveLength(5);
      expect(tokens.every((token) => token === 0 || token === 2)).toBe(true);
    }
  });

  it('refuses settings out of range', async () => {
    const options = { ...limits, width: 2, lengthPenalty: 0 };
    await expect(beamSearch(language(0), { ...options, width: 0 })).rejects.toThrow(/width is 0/);
    await expect(beamSearch(language(0), { ...options, maxTokens: 1.5 })).rejects.toThrow(/maxTokens/);
    await expect(beamSearch(language(0), { ...options, lengthPenalty: -1 })).rejects.toThrow(/lengthPenalty/);
  });
});

describe('greedy search', () => {
  it('takes the best token each time, once per token', async () => {
    for (const seed of [0, 1, 2, 3]) {
      const model = language(seed);
      const { tokens, logProbability, ended } = await greedySearch(model, { end: END, maxTokens: 6 });
      let total = 0;
      [...tokens, ...(ended ? [END] : [])].forEach((token, i) => {
        const row = distribution(seed, tokens.slice(0, i));
        expect(row[token]).toBe(Math.max(...row));
        total += row[token]!;
      });
      expect(logProbability).toBeCloseTo(total, 5);
      expect(model.calls()).toBe(tokens.length - (ended ? 0 : 1));
    }
  });
});

describe('the best tokens', () => {
  it('are sorted, the lower id first where equal', () => {
    expect(bestTokens(Float32Array.of(1, 3, 2, 3, 0), 3)).toEqual([1, 3, 2]);
    expect(bestTokens(Float32Array.of(1, 2), 5)).toEqual([1, 0]);
    const random = createRandom(1, 'tokens');
    const row = Float32Array.from({ length: 500 }, () => random.normal());
    const sorted = [...row.keys()].sort((a, b) => row[b]! - row[a]!);
    expect(bestTokens(row, 20)).toEqual(sorted.slice(0, 20));
  });
});
