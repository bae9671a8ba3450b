import { describe, expect, it } from 'vitest';
import { createTrainSampler, type SamplerSource } from '../../../datasets/emoji/sampler.ts';

const COUNT = 60;
const indices = Array.from({ length: COUNT }, (_, i) => i);
const source: SamplerSource = {
  // The last third are skin-tone variants.
  concepts: indices.map((index) => ({
    index,
    skinTone: index >= 40,
  })),
  texts: new Map([
    ['aa', { names: indices.map((i) => `a${i}`), keywords: indices.map((i) => [`k${i}`, `l${i}`, `m${i}`]) }],
    ['bb', { names: indices.map((i) => `b${i}`), keywords: indices.map(() => []) }],
    // Names few concepts, all alike.
    ['cc', { names: indices.map((i) => (i < 10 ? 'Same' : undefined)), keywords: indices.map(() => []) }],
  ]),
  stylesOf: (concept) => (concept === 7 ? ['openmoji'] : ['twemoji', 'fluent']),
};

const base = { seed: 3, batchSize: 20 };
const conceptsOf = (items: readonly { concept: number }[]): number[] => items.map((item) => item.concept);

describe('createTrainSampler', () => {
  it('shows each concept once per epoch, in a new order each epoch', () => {
    const sampler = createTrainSampler(source, base);
    expect(sampler.batchesPerEpoch).toBe(3);
    const epochs = [0, 3, 6].map((first) =>
      [0, 1, 2].flatMap((step) => conceptsOf(sampler.batchAt(first + step))),
    );
    for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual(indices);
    expect(new Set(epochs.map((epoch) => epoch.join())).size).toBe(3);
  });

  it('is a pure function of seed and step', () => {
    const sampler = createTrainSampler(source, base);
    const forwards = [0, 1, 2, 3, 4].map((step) => sampler.batchAt(step));
    const other = createTrainSampler(source, base);
    for (const step of [4, 0, 3, 1, 2]) expect(other.batchAt(step)).toEqual(forwards[step]);
    expect(createTrainSampler(source, { ...base, seed: 4 }).batchAt(0)).not.toEqual(forwards[0]);
  });

  it('gives texts of the right concept and locale, and never one text twice in a batch', () => {
    const sampler = createTrainSampler(source, { ...base, keywordProbability: 0.5, maxKeywords: 2 });
    for (let step = 0; step < 60; step++) {
      const items = sampler.batchAt(step);
      for (const { concept, locale, text } of items) {
        if (locale === 'cc') expect([text, concept < 10]).toEqual(['Same', true]);
        else if (locale === 'bb') expect(text).toBe(`b${concept}`);
        else expect(text).toMatch(new RegExp(`^(a${concept}|[klm]${concept}(, [klm]${concept})?)$`));
      }
      expect(new Set(items.map((item) => item.text)).size).toBe(items.length);
    }
  });

  it('draws locales by weight, styles evenly and keywords by probability', () => {
    const weights = { aa: 3, bb: 1, cc: 0 };
    const sampler = createTrainSampler(source, { ...base, localeWeights: weights, keywordProbability: 0.25 });
    const items = Array.from({ length: 200 }, (_, step) => sampler.batchAt(step)).flat();
    const share = (test: (item: (typeof items)[number]) => boolean): number =>
      items.filter(test).length / items.length;
    // 4,000 draws: five standard errors of a share of one half are 0.04.
    expect(Math.abs(share((item) => item.locale === 'aa') - 0.75)).toBeLessThan(0.04);
    expect(share((item) => item.locale === 'cc')).toBe(0);
    expect(Math.abs(share((item) => item.style === 'fluent') - 0.5)).toBeLessThan(0.04);
    expect(Math.abs(share((item) => /^[klm]/.test(item.text)) - 0.75 * 0.25)).toBeLessThan(0.04);
  });

  it('takes a share of the skin-tone variants, others each epoch', () => {
    const sampler = createTrainSampler(source, { seed: 1, batchSize: 45, skinToneFraction: 0.25 });
    expect(sampler.batchesPerEpoch).toBe(1);
    const epochs = [0, 1, 2, 3].map((step) => conceptsOf(sampler.batchAt(step)).sort((a, b) => a - b));
    for (const epoch of epochs) expect(epoch.slice(0, 40)).toEqual(indices.slice(0, 40));
    expect(new Set(epochs.map((epoch) => epoch.slice(40).join())).size).toBeGreaterThan(1);
  });

  it('shows a concept only in its styles, and not at all without one', () => {
    const items = Array.from({ length: 30 }, (_, step) =>
      createTrainSampler(source, base).batchAt(step),
    ).flat();
    for (const { concept, style } of items) expect(style === 'openmoji').toBe(concept === 7);
    const without = { ...source, stylesOf: (concept: number) => (concept === 7 ? [] : (['noto'] as const)) };
    const sampler = createTrainSampler(without, { seed: 0, batchSize: 59 });
    expect(conceptsOf(sampler.batchAt(0))).not.toContain(7);
  });

  it('leaves out concepts that no drawn locale names', () => {
    const sampler = createTrainSampler(source, { seed: 0, batchSize: 10, localeWeights: { aa: 0, bb: 0 } });
    expect(sampler.batchesPerEpoch).toBe(1);
    expect(conceptsOf(sampler.batchAt(0)).sort((a, b) => a - b)).toEqual(indices.slice(0, 10));
  });

  it('refuses options out of range', () => {
    const make = (options: object) => () => createTrainSampler(source, { ...base, ...options });
    expect(make({ batchSize: 61 })).toThrow('batchSize is 61; it must be an integer from 1 to the epoch');
    expect(make({ batchSize: 0 })).toThrow('batchSize is 0');
    expect(make({ keywordProbability: 2 })).toThrow('keywordProbability is 2');
    expect(make({ skinToneFraction: -1 })).toThrow('skinToneFraction is -1');
    expect(make({ maxKeywords: 0 })).toThrow('maxKeywords is 0');
    expect(make({ localeWeights: { zz: 1 } })).toThrow("localeWeights names 'zz'");
    expect(make({ localeWeights: { aa: -1 } })).toThrow("localeWeights['aa'] is -1");
    expect(make({ localeWeights: { aa: 0, bb: 0, cc: 0 } })).toThrow('all 0');
    expect(() => createTrainSampler(source, base).batchAt(-1)).toThrow('step is -1');
  });
});
