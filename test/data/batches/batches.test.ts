import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchSource } from '../../../src/data/batches/batchSource.ts';
import { pairBatches } from '../../../src/data/batches/pairBatches.ts';
import { filePositions, memoryPositions } from '../../../src/data/batches/positions.ts';
import type { DecodedSample } from '../../../src/data/samples/decodeSample.ts';
import type { Sample } from '../../../src/data/samples/sample.ts';
import { createTally, TooManyBadSamplesError } from '../../../src/data/samples/tally.ts';
import type { IndexedSource } from '../../../src/data/sources/source.ts';
import { indexedStream } from '../../../src/data/streams/indexedStream.ts';
import { mixture } from '../../../src/data/streams/mixture.ts';
import { shardedStream } from '../../../src/data/streams/shardedStream.ts';
import type { SampleStream } from '../../../src/data/streams/stream.ts';
import { decodeImage } from '../../../src/input/image/decode/decodeImage.ts';
import { preprocessFixed, preprocessNaflex } from '../../../src/input/image/preprocess.ts';
import { fixedPreprocessing, naflexPreprocessing } from '../../../src/input/image/preprocessing.ts';
import { int32 } from '../../../src/tensor/ndarray.ts';
import { collect, picture, temporaryFolder } from '../pictures.ts';
import { indexedOf, nameOf, shardsOf } from '../streams/memorySources.ts';

const folder = temporaryFolder();

/** Batches as lists of keys; sizes differ from step to step. */
const sizeAt = (step: number) => 2 + (step % 3);
const keyBatches = (stream: SampleStream, positions = memoryPositions(4)) =>
  batchSource(stream, {
    sizeAt,
    makerAt: () => {
      const keys: string[] = [];
      return { add: ({ key }: DecodedSample) => void keys.push(key), finish: () => keys };
    },
    decodesAhead: 3,
    tally: createTally({ maxRate: 0.5 }),
    positions,
  });

const mixedStream = () => {
  const shards = shardsOf('s', [7, 0, 4], { badEvery: 4 });
  const stream = mixture([
    { stream: indexedStream(indexedOf('i', 11, { badEvery: 5 }), { seed: 1 }), weight: 2 },
    { stream: shardedStream(shards.source, { seed: 1, windowSamples: 3 }), weight: 1 },
  ]);
  return { stream, counts: shards.counts };
};

/** What the batches must be: the good samples in order, cut up. */
async function expectedBatches(steps: number): Promise<string[][]> {
  const items = await collect(mixedStream().stream.from(), 12 * steps);
  const good = items.filter(({ sample }) => sample).map(nameOf);
  let from = 0;
  return Array.from({ length: steps }, (_, step) => {
    const batch = good.slice(from, from + sizeAt(step));
    from += sizeAt(step);
    return batch;
  });
}

describe('a batch source', () => {
  it('gives the batch of any step, in whatever order they are asked for', async () => {
    const expected = await expectedBatches(30);
    expect(expected.every((batch, step) => batch.length === sizeAt(step))).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 29 }), { minLength: 1, maxLength: 6 }), async (steps) => {
        const { stream, counts } = mixedStream();
        const batches = keyBatches(stream);
        // Asked for at once: answered one after another.
        expect(await Promise.all(steps.map(batches.batchAt))).toEqual(steps.map((step) => expected[step]));
        await batches.close();
        expect(counts.open).toBe(0);
      }),
      { numRuns: 12 },
    );
  });

  it('goes on in another process from the saved positions, reading little again', async () => {
    const expected = await expectedBatches(30);
    const path = join(folder, 'run', 'positions.jsonl');
    const { stream } = mixedStream();
    const first = keyBatches(stream, await filePositions(path, stream.identity, 5));
    for (let step = 0; step < 22; step++) expect(await first.batchAt(step)).toEqual(expected[step]);
    await first.close();
    // Killed while a line was being written.
    appendFileSync(path, '{"step":25,"posi');
    for (const [resumed, begin] of [
      [22, 20],
      [17, 15],
      [3, 0],
    ] as const) {
      const positions = await filePositions(path, stream.identity, 5);
      expect(positions.before(resumed).step).toBe(begin);
      const second = keyBatches(mixedStream().stream, positions);
      expect(await second.batchAt(resumed)).toEqual(expected[resumed]);
      expect(await second.batchAt(resumed + 1)).toEqual(expected[resumed + 1]);
      await second.close();
    }
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
    expect(lines.map((line) => JSON.parse(line).step)).toEqual([5, 10, 15, 20]);
    await expect(filePositions(path, 'other')).rejects.toThrow(/other data or settings/);
    writeFileSync(path, 'hello\n');
    await expect(filePositions(path, stream.identity)).rejects.toThrow(/no file of positions/);
  });

  it('survives an error: the next call reads from a known position', async () => {
    const expected = await expectedBatches(4);
    const batches = keyBatches(mixedStream().stream);
    await batches.batchAt(0);
    await expect(batches.batchAt(-1)).rejects.toThrow(RangeError);
    expect(await batches.batchAt(1)).toEqual(expected[1]);
    await batches.close();
  });

  it('keeps positions of recent steps and of every so many', async () => {
    const store = memoryPositions(100);
    for (let step = 1; step <= 500; step++) await store.remember({ step, position: step });
    expect(store.before(99)).toEqual({ step: 0 });
    expect(store.before(250)).toEqual({ step: 200, position: 200 });
    expect(store.before(499)).toEqual({ step: 499, position: 499 });
    expect(store.before(9999)).toEqual({ step: 500, position: 500 });
  });
});

/** Small pictures with two captions each; index 3 is no picture, 5 has no caption. */
const files = await Promise.all(Array.from({ length: 8 }, (_, i) => picture(i, 'png', 9 + i, 20 - i)));
const sampleAt = (index: number): Sample => ({
  key: `p${index}`,
  source: 'pictures',
  image: index === 3 ? Uint8Array.of(1, 2, 3) : files[index]!,
  captions: index === 5 ? [] : [{ text: `${index} first` }, { text: `${index} second` }],
  regions: [{ box: { y1: 0, x1: 0, y2: 1, x2: 1 }, text: `region ${index}` }],
});
const pictures: IndexedSource = {
  kind: 'indexed',
  name: 'pictures',
  size: files.length,
  read: async (index) => ({ sample: sampleAt(index) }),
};
const inOrder = indexedStream(pictures, { seed: 0, shuffle: false });

/** Ids of a text: its length and its first character's code. */
const tokenizer = {
  encodeBatch: (texts: readonly string[]) =>
    int32(
      [texts.length, 2],
      texts.flatMap((text) => [text.length, text.charCodeAt(0)]),
    ),
};
const pixelsOf = async (indices: readonly number[]) =>
  Promise.all(indices.map((index) => decodeImage(files[index]!)));

describe('batches of pairs', () => {
  const options = { seed: 7, tokenizer, tally: createTally({ maxRate: 0.5 }) };

  it('are the preprocessed images and the ids of drawn captions; bad samples are left out and counted', async () => {
    const tally = createTally({ maxRate: 0.5 });
    const shape = { images: 6, preprocessing: fixedPreprocessing(16) };
    const batches = pairBatches(inOrder, { ...options, tally, shape, textsPerImage: 2 });
    const { arrays, samples } = await batches.batchAt(0);
    await batches.close();
    const used = [0, 1, 2, 4, 6, 7];
    expect(samples.map(({ key }) => key)).toEqual(used.map((index) => `p${index}`));
    expect(arrays['pixel_values']).toEqual(
      preprocessFixed(await pixelsOf(used), shape.preprocessing).pixel_values,
    );
    expect(arrays['image_ids']).toEqual(int32([6], [0, 1, 2, 3, 4, 5]));
    expect(arrays['text_ids']).toEqual(int32([12], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]));
    samples.forEach(({ captions, regions }, slot) => {
      expect(captions.map(({ text }) => text).sort()).toEqual([
        `${used[slot]} first`,
        `${used[slot]} second`,
      ]);
      expect(regions[0]!.text).toBe(`region ${used[slot]}`);
    });
    expect(arrays['input_ids']).toEqual(
      tokenizer.encodeBatch(samples.flatMap((s) => s.captions.map((c) => c.text))),
    );
    const { reasons } = tally.report();
    expect(reasons.undecodable!.examples[0]!.key).toBe('p3');
    expect(reasons['missing-caption']!.examples[0]!.key).toBe('p5');
  });

  it('have one sequence length per batch, drawn by the caller', async () => {
    const lengths = [4, 9, 16];
    const batches = pairBatches(inOrder, {
      ...options,
      shape: (step) => ({ images: 2, preprocessing: naflexPreprocessing(8, lengths[step]!) }),
    });
    for (const [step, indices] of [
      [2, [6, 7]],
      [0, [0, 1]],
      [1, [2, 4]],
    ] as const) {
      const { arrays } = await batches.batchAt(step);
      const expected = preprocessNaflex(await pixelsOf(indices), naflexPreprocessing(8, lengths[step]!));
      expect(arrays).toMatchObject({ ...expected });
    }
    await batches.close();
  });

  it('give an image that comes twice one id', async () => {
    const batches = pairBatches(inOrder, {
      ...options,
      shape: { images: 7, preprocessing: fixedPreprocessing(8) },
    });
    const { arrays, samples } = await batches.batchAt(0);
    await batches.close();
    expect(samples.at(-1)!.key).toBe('p0');
    expect([...arrays['image_ids']!.data]).toEqual([0, 1, 2, 3, 4, 5, 0]);
    expect([...arrays['text_ids']!.data]).toEqual([0, 1, 2, 3, 4, 5, 0]);
  });

  it('draw captions and transforms from seed, step and slot alone', async () => {
    const make = (seed: number) =>
      pairBatches(inOrder, {
        ...options,
        seed,
        shape: { images: 4, preprocessing: fixedPreprocessing(8) },
        transform: (sample, random) => ({
          ...sample,
          regions: [{ ...sample.regions![0]!, text: String(random.next()) }],
        }),
      });
    const texts = async (seed: number, order: readonly number[]) => {
      const batches = make(seed);
      const found: Record<number, string[]> = {};
      for (const step of order)
        found[step] = (await batches.batchAt(step)).samples.flatMap(({ captions, regions }) => [
          captions[0]!.text,
          regions[0]!.text,
        ]);
      await batches.close();
      return found;
    };
    const forwards = await texts(1, [0, 1, 2, 3]);
    expect(await texts(1, [3, 1, 2, 0])).toEqual(forwards);
    expect(await texts(2, [0, 1, 2, 3])).not.toEqual(forwards);
  });

  it('fail when too much is bad, saying what', async () => {
    const tally = createTally({ maxRate: 0.2, minimum: 8 });
    const batches = pairBatches(inOrder, {
      ...options,
      tally,
      shape: { images: 20, preprocessing: fixedPreprocessing(8) },
    });
    await expect(batches.batchAt(0)).rejects.toThrow(TooManyBadSamplesError);
    await expect(batches.batchAt(0)).rejects.toThrow(
      /undecodable: 3\n +pictures: p3: is not an image.*\n +and 2 more\n +missing/,
    );
    await batches.close();
  });

  it('refuse settings that make no sense', async () => {
    const shape = { images: 0, preprocessing: fixedPreprocessing(8) };
    expect(() => pairBatches(inOrder, { ...options, shape })).toThrow('batches.shape.images is 0');
    const ofStep = pairBatches(inOrder, { ...options, shape: () => shape });
    await expect(ofStep.batchAt(0)).rejects.toThrow('the batch of step 0 has 0 samples');
    const none = { ...options, shape: () => shape, textsPerImage: 0 };
    expect(() => pairBatches(inOrder, none)).toThrow('batches.textsPerImage is 0');
  });
});
