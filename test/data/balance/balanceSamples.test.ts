import { describe, expect, it } from 'vitest';
import { balanceSamples } from '../../../src/data/balance/balanceSamples.ts';
import { captionReader, DEFAULT_LEXICON, type Lexicon } from '../../../src/data/balance/lexicon.ts';
import type { Sample } from '../../../src/data/samples/sample.ts';
import { createRandom } from '../../../src/tensor/random.ts';

const COUNT = 3000;

/** Captions of which seven in ten speak of a man, and whose nurses are women. */
const samples: readonly Sample[] = Array.from({ length: COUNT }, (_, i) => {
  const random = createRandom(4, 'caption', i);
  const female = random.next() < 0.3;
  const nurse = random.next() < (female ? 0.3 : 0.1);
  const text = `a ${female ? 'woman' : 'man'} who is a ${nurse ? 'nurse' : 'person'}`;
  return { key: `k${i}`, image: new Uint8Array(), captions: [{ text }], source: 'test' };
});

const options = { lexicon: DEFAULT_LEXICON, seed: 1, passes: 2 };

async function run(of: readonly Sample[] = samples, given: Partial<typeof options> = {}) {
  const { kept, report } = balanceSamples(() => of, { ...options, ...given });
  const result: Sample[] = [];
  for await (const sample of kept) result.push(sample);
  return { kept: result, report: report() };
}

describe('balancing samples', () => {
  it('what stays is balanced, as the report says', async () => {
    const { kept, report } = await run();
    const read = captionReader(DEFAULT_LEXICON);
    const rate =
      kept.filter(({ captions }) => read(captions[0]!.text).attributes[0] === 1).length / kept.length;
    const [gender] = report.rows;
    expect(report.examples).toBe(COUNT);
    expect(gender!.rateBefore).toBeLessThan(0.33);
    expect(gender!.rateAfter).toBeGreaterThan(0.47);
    // Coins are thrown: standard deviations of 0.011 and 0.008 at most.
    expect(Math.abs(rate - gender!.rateAfter!)).toBeLessThan(0.04);
    expect(Math.abs(kept.length / COUNT - report.kept)).toBeLessThan(0.03);
  });

  it('gives the same again, and another choice for another seed', async () => {
    const keys = async (seed: number) => (await run(samples, { seed })).kept.map(({ key }) => key).join();
    expect(await keys(1)).toBe(await keys(1));
    expect(await keys(1)).not.toBe(await keys(2));
  });

  it('leaves captions alone that speak of nobody', async () => {
    const still = samples.slice(0, 20).map((sample) => ({ ...sample, captions: [{ text: 'a tree' }] }));
    const { kept, report } = await run(still);
    expect(kept).toEqual(still);
    expect(report.kept).toBe(1);
  });

  it('refuses what makes no sense', () => {
    expect(() => balanceSamples(() => [], { ...options, passes: 0 })).toThrow(/passes is 0/);
    const lexicon: Lexicon = { attributes: {}, labels: {} };
    expect(() => balanceSamples(() => [], { ...options, lexicon })).toThrow(/at least one attribute/);
  });
});
