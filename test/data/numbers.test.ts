import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepDetections } from '../../src/data/annotation/keepRules.ts';
import { captionQueries } from '../../src/data/annotation/queries.ts';
import { boxInView } from '../../src/data/augmentation/geometry.ts';
import { balance, isKept } from '../../src/data/balance/balance.ts';
import { createBalancer } from '../../src/data/balance/balancer.ts';
import { balanceSamples } from '../../src/data/balance/balanceSamples.ts';
import { DEFAULT_LEXICON } from '../../src/data/balance/lexicon.ts';
import { loccaBatch } from '../../src/data/batches/loccaBatch.ts';
import { memoryPositions } from '../../src/data/batches/positions.ts';
import { createTally } from '../../src/data/samples/tally.ts';
import { writeShards } from '../../src/data/shards/writeShards.ts';
import { coco } from '../../src/data/sources/coco/coco.ts';
import { imageFolder } from '../../src/data/sources/folder/imageFolder.ts';
import { heldOut, subset } from '../../src/data/sources/holdOut.ts';
import { parquet } from '../../src/data/sources/parquet/parquet.ts';
import { scanSource } from '../../src/data/sources/scanSource.ts';
import type { IndexedSource, ShardedSource } from '../../src/data/sources/source.ts';
import { webdataset } from '../../src/data/sources/webdataset/webdataset.ts';
import { indexedStream } from '../../src/data/streams/indexedStream.ts';
import { languageMixture } from '../../src/data/streams/languages.ts';
import { lookAhead } from '../../src/data/streams/lookAhead.ts';
import { mixture } from '../../src/data/streams/mixture.ts';
import { shardedStream } from '../../src/data/streams/shardedStream.ts';
import { picture, temporaryFolder } from './pictures.ts';
import { writeTar } from './sources/tar.ts';

const folder = temporaryFolder();
const SHARD = join(folder, 'a.tar');
await writeTar(SHARD, { 'a.png': await picture(1), 'a.txt': 'x' });
const shards = await webdataset(SHARD);

const bad = { reason: 'undecodable', key: 'k', source: 's', detail: 'd' } as const;
const indexed: IndexedSource = { kind: 'indexed', name: 'set', size: 3, read: async () => ({ bad }) };
const sharded: ShardedSource = { kind: 'sharded', name: 'set', shards: ['a'], open: async function* () {} };
const schema = { attributes: [{ name: 'a', target: 0.5 }], labels: [] };
const box = { y1: 0, x1: 0, y2: 1, x2: 1 };
const view = { crop: box, flipped: false, height: 8, width: 8 };
const lookAt = (depth: number) => lookAhead(shards.open(0, 0), depth).next();
const locca = { seed: 0, length: 8 };
const pieces = { pieceIds: () => [5], decode: () => '' };
const stream = indexedStream(indexed, { seed: 0 });

/** What takes a number, and a call with another one. */
type Call = (value: number) => unknown;

const COUNTS: Readonly<Record<string, Call>> = {
  passes: (passes) => balance(schema, [], { passes }),
  'passes of a stream': (passes) => balanceSamples(() => [], { lexicon: DEFAULT_LEXICON, seed: 0, passes }),
  maxWords: (maxWords) => captionQueries('a cat', { maxWords }),
  every: (every) => memoryPositions(every),
  'length of decoder texts': (length) => loccaBatch([], pieces, { ...locca, length }, 0),
  lossPositions: (lossPositions) => loccaBatch([], pieces, { ...locca, lossPositions }, 0),
  maxSamples: (maxSamples) => writeShards([], { folder, maxSamples }),
  windowSamples: (windowSamples) => shardedStream(sharded, { seed: 0, windowSamples }),
  depth: lookAt,
};

const WHOLE: Readonly<Record<string, Call>> = {
  minimum: (minimum) => createTally({ minimum }),
  examples: (examples) => createTally({ examples }),
  trials: (trials) => scanSource(indexed, { trials }),
  firstShard: (firstShard) => writeShards([], { folder, firstShard }),
  'seed of a stream': (seed) => indexedStream(indexed, { seed }),
  'seed of shards': (seed) => shardedStream(sharded, { seed }),
  'seed of what is held out': (seed) => heldOut(['a', 'a'], 0.5, seed),
  step: (step) => loccaBatch([], pieces, locca, step),
  place: (place) => shards.open(0, place),
};

const SHARES: Readonly<Record<string, Call>> = {
  maxRate: (maxRate) => createTally({ maxRate }),
  'maxRate of a scan': (maxRate) => scanSource(indexed, { maxRate }),
  share: (share) => heldOut(['a', 'a'], share, 0),
  keepProbability: (probability) => isKept(probability, 0, 'k'),
  parallelProbability: (parallelProbability) => loccaBatch([], pieces, { ...locca, parallelProbability }, 0),
  minVisibleShare: (share) => boxInView(box, view, share),
  boxScore: (boxScore) => keepDetections([], { boxScore }),
  imageScore: (imageScore) => keepDetections([], { imageScore }),
  sameBox: (sameBox) => keepDetections([], { sameBox }),
  English: (english) => languageMixture(stream, { english, unknown: 'other' }),
};

const LIMITS: Readonly<Record<string, Call>> = {
  'maxImageBytes of shards': (maxImageBytes) => webdataset(SHARD, { maxImageBytes }),
  'maxImageBytes of a folder': (maxImageBytes) => imageFolder(folder, { maxImageBytes }),
  'maxImageBytes of COCO': (maxImageBytes) => coco({ images: folder, annotations: [], maxImageBytes }),
  'maxImageBytes of tables': (maxImageBytes) => parquet(SHARD, { maxImageBytes }),
  maxGroupBytes: (maxGroupBytes) => parquet(SHARD, { maxGroupBytes }),
  maxSilence: (maxSilence) => parquet(SHARD, { maxSilence }),
  maxBytes: (maxBytes) => writeShards([], { folder, maxBytes }),
  stepSize: (stepSize) => createBalancer(schema, { ...balanced, stepSize }),
};
const balanced = { representationTolerance: 0, associationTolerance: 0, stepSize: 1, penalty: 1 };

const AT_LEAST_0: Readonly<Record<string, Call>> = {
  penalty: (penalty) => createBalancer(schema, { ...balanced, penalty }),
  representationTolerance: (representationTolerance) =>
    createBalancer(schema, { ...balanced, representationTolerance }),
  weight: (weight) => mixture([{ stream, weight }]),
};

const INDICES: Readonly<Record<string, Call>> = {
  indices: (index) => subset(indexed, [index]),
  'index of a subset': (index) => subset(indexed, [0, 1, 2]).read(index),
  shard: (shard) => sourceOf3.open(shard, 0),
};
const sourceOf3 = await webdataset([SHARD, SHARD, SHARD]);

const cases = (calls: Readonly<Record<string, Call>>, ...values: number[]) =>
  Object.entries(calls).flatMap(([name, call]) =>
    [Number.NaN, ...values].map((value) => ({ name, value, call })),
  );

describe('numbers are checked where they enter', () => {
  it.each([
    ...cases(COUNTS, 0, -1),
    ...cases(WHOLE, -1, 0.5),
    ...cases(SHARES, -0.1, 1.1),
    ...cases(LIMITS, 0, -1),
    ...cases(AT_LEAST_0, -1),
    ...cases(INDICES, -1, 3, 0.5),
  ])('$name is $value', async ({ name, value, call }) => {
    const error: unknown = await Promise.resolve()
      .then(() => call(value))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    const { message } = error as RangeError;
    // Named by its field, with the value that was given.
    expect(message).toContain(name.split(' ')[0]!);
    expect(message).toContain(String(value));
  });

  it('detections by their number', () => {
    const good = { box, query: 'a', score: 0.9 };
    expect(() => keepDetections([good, { ...good, score: Number.NaN }])).toThrow(
      'detections[1].score is NaN; it must be a number',
    );
    expect(() => keepDetections([{ ...good, box: { ...box, y2: Number.NaN } }])).toThrow(
      'detections[0].box.y2 is NaN',
    );
  });
});
