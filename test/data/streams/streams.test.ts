import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexedStream } from '../../../src/data/streams/indexedStream.ts';
import { isEnglish, languageMixture, PAPER_LANGUAGES } from '../../../src/data/streams/languages.ts';
import { lookAhead } from '../../../src/data/streams/lookAhead.ts';
import { createQuotas, mixture } from '../../../src/data/streams/mixture.ts';
import { select } from '../../../src/data/streams/select.ts';
import { shardedStream } from '../../../src/data/streams/shardedStream.ts';
import type { Json, SampleStream } from '../../../src/data/streams/stream.ts';
import { collect } from '../pictures.ts';
import { indexedOf, nameOf, sampleOf, shardsOf } from './memorySources.ts';

const names = async (stream: SampleStream, count: number) =>
  (await collect(stream.from(), count)).map(nameOf);

/** All of `size` names in each pass. */
const passes = (all: readonly string[], size: number) =>
  Array.from({ length: Math.floor(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

const sizesArbitrary = fc
  .array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 })
  .filter((sizes) => sizes.some((size) => size > 0));

const streamArbitrary: fc.Arbitrary<SampleStream> = fc
  .record({
    sizes: sizesArbitrary,
    size: fc.integer({ min: 2, max: 9 }),
    seed: fc.integer({ min: 0, max: 99 }),
    windowSamples: fc.integer({ min: 1, max: 7 }),
    windowBytes: fc.constantFrom(1, 30, 1e6),
    shuffle: fc.boolean(),
    weight: fc.double({ min: 0.2, max: 5, noNaN: true }),
    kind: fc.constantFrom('indexed', 'sharded', 'mixture', 'languages'),
  })
  .map(({ sizes, size, seed, windowSamples, windowBytes, shuffle, weight, kind }) => {
    const pattern = { badEvery: 5, otherEvery: 2 };
    const indexed = indexedStream(indexedOf('i', size, pattern), { seed, shuffle });
    const { source } = shardsOf('s', sizes, kind === 'languages' ? { otherEvery: 2 } : pattern);
    const sharded = shardedStream(source, { seed, shuffle, windowSamples, windowBytes });
    if (kind === 'indexed') return indexed;
    if (kind === 'sharded') return sharded;
    const mixed = mixture([
      { stream: indexed, weight: 1 },
      { stream: sharded, weight },
    ]);
    return kind === 'mixture' ? mixed : languageMixture(mixed, { english: 0.7, unknown: 'other' });
  });

describe('every stream', () => {
  it('goes on from any of its positions, through JSON, as if it had not stopped', async () => {
    await fc.assert(
      fc.asyncProperty(streamArbitrary, fc.nat({ max: 25 }), async (stream, stop) => {
        const whole = await collect(stream.from(), 40);
        // Stopped behind a look-ahead: what was read ahead is not lost.
        const before = await collect(lookAhead(stream.from(), 4), stop);
        const position = JSON.parse(JSON.stringify(before.at(-1)?.next ?? null));
        const after = await collect(stream.from(position), 40 - stop);
        expect([...before, ...after].map(nameOf)).toEqual(whole.map(nameOf));
        expect(after.map(({ next }) => next)).toEqual(whole.slice(stop).map(({ next }) => next));
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a position that is not its own', async () => {
    const sharded = shardedStream(shardsOf('s', [3]).source, { seed: 0 });
    const indexed = indexedStream(indexedOf('i', 3), { seed: 0 });
    const mixed = mixture([{ stream: indexed, weight: 1 }]);
    const foreign: Json[] = [-1, 1.5, 'x', [], { epoch: 1 }, { samples: 1, parts: [] }];
    for (const stream of [sharded, indexed, mixed])
      for (const position of foreign)
        await expect(collect(stream.from(position), 1)).rejects.toThrow(/another stream/);
  });
});

describe('indexedStream', () => {
  it('gives every sample once in each pass, in another order', async () => {
    const all = await names(indexedStream(indexedOf('i', 20), { seed: 3 }), 60);
    const [first, second, third] = passes(all, 20);
    for (const pass of [first, second, third]) expect(new Set(pass).size).toBe(20);
    expect(first).not.toEqual(second);
    expect(second).not.toEqual(third);
    expect(await names(indexedStream(indexedOf('i', 20), { seed: 4 }), 20)).not.toEqual(first);
    const plain = await names(indexedStream(indexedOf('i', 4), { seed: 3, shuffle: false }), 6);
    expect(plain).toEqual(['i0', 'i1', 'i2', 'i3', 'i0', 'i1']);
    expect(() => indexedStream(indexedOf('i', 0), { seed: 3 })).toThrow(/no samples/);
  });
});

describe('shardedStream', () => {
  it('gives every sample once in each pass, whatever the windows', async () => {
    await fc.assert(
      fc.asyncProperty(sizesArbitrary, fc.integer({ min: 1, max: 8 }), async (sizes, windowSamples) => {
        const size = sizes.reduce((a, b) => a + b);
        const { source } = shardsOf('s', sizes);
        const all = await names(shardedStream(source, { seed: 1, windowSamples }), 3 * size);
        for (const pass of passes(all, size)) expect(new Set(pass).size).toBe(size);
      }),
      { numRuns: 30 },
    );
  });

  it('shuffles shards, and samples across shards within a window', async () => {
    const { source } = shardsOf('s', Array(10).fill(10));
    const [first, second] = passes(
      await names(shardedStream(source, { seed: 1, windowSamples: 30 }), 200),
      100,
    );
    expect(first).not.toEqual(second);
    // A window of 30 is three whole shards, in random order.
    const window = first!.slice(0, 30).map((name) => Number(name.slice(1)));
    expect(new Set(window.map((i) => Math.floor(i / 10))).size).toBe(3);
    expect(window).not.toEqual([...window].sort((a, b) => a - b));
    const plain = await names(shardedStream(source, { seed: 1, shuffle: false }), 12);
    expect(plain).toEqual(Array.from({ length: 12 }, (_, i) => `s${i}`));
  });

  it('holds two windows at most, by samples or bytes, and closes the shard it stands in', async () => {
    for (const window of [{ windowSamples: 5 }, { windowBytes: 60 }]) {
      // A sample of the test has 12 bytes.
      const { source, counts } = shardsOf('s', [100]);
      const reading = shardedStream(source, { seed: 1, ...window })
        .from()
        [Symbol.asyncIterator]();
      await reading.next();
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(counts).toEqual({ open: 1, reads: 10 });
      await reading.return?.();
      expect(counts.open).toBe(0);
    }
  });

  it('says that there is nothing, instead of reading for ever', async () => {
    const empty = shardedStream(shardsOf('s', [0, 0]).source, { seed: 1 });
    await expect(collect(empty.from(), 1)).rejects.toThrow(/no samples/);
  });
});

describe('mixture', () => {
  it('gives each part its share of any number of samples', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 5 }),
        fc.nat({ max: 2 ** 40 }),
        (weights, start) => {
          const partOf = createQuotas(weights);
          const total = weights.reduce((a, b) => a + b);
          const counts = weights.map(() => 0);
          for (let n = start; n < start + 300; n++) counts[partOf(n)]!++;
          // Each nested quota is off by less than one at both ends; shares are rounded to a millionth.
          counts.forEach((count, part) => {
            expect(Math.abs(count - (300 * weights[part]!) / total)).toBeLessThan(2 * (part + 1) + 0.01);
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is exact: nine of ten, in every ten', () => {
    const partOf = createQuotas([0.9, 0.1]);
    for (const start of [0, 10, 4e10])
      expect(
        Array.from({ length: 10 }, (_, i) => partOf(start + i)).filter((part) => part === 1),
      ).toHaveLength(1);
    expect(Array.from({ length: 5 }, (_, n) => createQuotas([0, 2, 0])(n))).toEqual([1, 1, 1, 1, 1]);
  });

  it('lets bad reads use up no share', async () => {
    const stream = mixture([
      { stream: indexedStream(indexedOf('a', 10, { badEvery: 2 }), { seed: 0 }), weight: 1 },
      { stream: indexedStream(indexedOf('b', 10), { seed: 0 }), weight: 1 },
    ]);
    const good = (await names(stream, 300)).filter((name) => !name.startsWith('bad'));
    const fromA = good.filter((name) => name.startsWith('a')).length;
    expect(Math.abs(fromA - good.length / 2)).toBeLessThan(1);
  });

  it('counts a pass when every part has been read through, however rare it is', async () => {
    const rare = { stream: indexedStream(indexedOf('b', 3, { otherEvery: 3 }), { seed: 0 }), weight: 0.02 };
    const often = { stream: indexedStream(indexedOf('a', 2), { seed: 0 }), weight: 1 };
    const others = languageMixture(mixture([often, rare]), { english: 0, unknown: 'other' });
    // 50 reads of `a` for one of `b`, of which every third is German.
    expect(await names(others, 3)).toEqual(['b0', 'b0', 'b0']);
  });

  it('does not miss what a part holds that is ahead of the others', async () => {
    // The only German caption is the shard's only one; the other part is read twice between, bad reads included.
    const indexed = indexedStream(indexedOf('i', 2, { badEvery: 5 }), { seed: 0, shuffle: false });
    const sharded = shardedStream(shardsOf('s', [1], { otherEvery: 2 }).source, { seed: 0 });
    const mixed = mixture([
      { stream: indexed, weight: 1 },
      { stream: sharded, weight: 0.5000003750000939 },
    ]);
    const german = select(mixed, 'German', (sample) =>
      sample.captions[0]?.language === 'de' ? sample : undefined,
    );
    const items = await collect(german.from(), 60);
    expect(new Set(items.map(nameOf))).toEqual(new Set(['s0', 'bad i0']));
  });

  it('refuses weights that make no sense', () => {
    for (const weights of [[], [0], [-1, 2], [Number.NaN], [Number.POSITIVE_INFINITY, 1], [1e-9, 1]])
      expect(() => createQuotas(weights), String(weights)).toThrow(RangeError);
  });
});

describe('languageMixture', () => {
  it('is 90 % English and 10 % others by default, whatever the data holds', async () => {
    expect(PAPER_LANGUAGES.english).toBe(0.9);
    const half = indexedStream(indexedOf('i', 50, { otherEvery: 2 }), { seed: 0 });
    const items = await collect(languageMixture(half).from(), 200);
    const others = items.filter(({ sample }) => sample!.captions[0]!.language === 'de');
    expect(others).toHaveLength(20);
    // All 25 German samples come before one comes again.
    expect(new Set(others.map(nameOf)).size).toBe(20);
  });

  it('keeps the captions of the side that was drawn', async () => {
    const sample = {
      ...sampleOf('x', 'k'),
      captions: [{ text: 'a cat', language: 'en-GB' }, { text: 'eine Katze', language: 'de' }, { text: '?' }],
    };
    const source = { ...indexedOf('x', 1), read: async () => ({ sample }) };
    const texts = async (unknown: 'english' | 'other') =>
      (
        await collect(
          languageMixture(indexedStream(source, { seed: 0 }), { english: 0.5, unknown }).from(),
          2,
        )
      ).map((item) => item.sample!.captions.map(({ text }) => text));
    expect((await texts('other')).sort()).toEqual([['a cat'], ['eine Katze', '?']]);
    expect((await texts('english')).sort()).toEqual([['a cat', '?'], ['eine Katze']]);
  });

  it('says which language is missing, instead of reading for ever', async () => {
    const english = indexedStream(indexedOf('i', 5), { seed: 0 });
    await expect(collect(languageMixture(english).from(), 20)).rejects.toThrow(
      /captioned in another language/,
    );
    expect(await names(languageMixture(english, { english: 1, unknown: 'other' }), 20)).toHaveLength(20);
    expect(() => languageMixture(english, { english: 1.1, unknown: 'other' })).toThrow(RangeError);
  });

  it.each([
    ['en', true],
    ['en-US', true],
    ['EN_gb', true],
    ['eng', true],
    ['English', true],
    ['enm', false],
    ['es', false],
    ['de-en', false],
  ])('%s is English: %s', (language, expected) => {
    expect(isEnglish(language)).toBe(expected);
  });
});

describe('select', () => {
  it('goes on where few samples fit, also from the middle of a pass', async () => {
    const stream = select(indexedStream(indexedOf('i', 30), { seed: 2 }), 'the one', (sample) =>
      sample.key === 'i7' ? sample : undefined,
    );
    const items = await collect(stream.from(), 4);
    expect(items.map(nameOf)).toEqual(Array(4).fill('i7'));
    expect((await collect(stream.from(items[1]!.next), 2)).map(nameOf)).toEqual(['i7', 'i7']);
  });
});
