import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSource } from '../../src/data/index.ts';
import {
  balance,
  balanceSamples,
  batchSource,
  boxInView,
  captionReader,
  classesOf,
  coco,
  createBalancer,
  createTally,
  DEFAULT_LEXICON,
  DINO_COLOURS,
  decodeImage,
  describeDifference,
  drawMaskedPositions,
  filePositions,
  heldOut,
  type IndexedSource,
  identifySource,
  imageFiles,
  imageFolder,
  indexedStream,
  isKept,
  languageMixture,
  loadTokenizer,
  loccaBatch,
  lookAhead,
  mapAhead,
  memoryPositions,
  mixture,
  multiCropBatch,
  naflexPreprocessing,
  pairBatches,
  parquet,
  readSource,
  type Sample,
  sampleStream,
  scanSource,
  schemaOf,
  select,
  shardedStream,
  silcViews,
  subset,
  type TextTokenizer,
  tallyText,
  webdataset,
  withCaptionIds,
  writeShards,
} from '../../src/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { releasedModel } from './releasedModel.ts';
import { CLASS_NAMES, classFolder, workFolder } from './support/pictures.ts';

const folder = workFolder();
const DATA = join(folder, 'data');
const CAPTIONS = [
  'a woman who is a doctor',
  'a man who is a doctor',
  'ein Fuchs',
  'the sea',
  'a girl',
  'a boy',
];
let pictures: string[];
let tokenizer: TextTokenizer;
let images: IndexedSource;
const shards: string[] = [];

beforeAll(async () => {
  pictures = await classFolder(DATA, 2);
  const lines = pictures.map((path, i) => {
    const line = {
      file_name: path.slice(DATA.length + 1),
      text: CAPTIONS[i],
      language: i === 2 ? 'de' : 'en',
    };
    return JSON.stringify(line);
  });
  writeFileSync(join(DATA, 'captions.jsonl'), `${lines.join('\n')}\n`);
  images = await imageFolder(DATA);
  const model = await releasedModel({ variant: 'base-patch16-224', dtype: 'bfloat16' });
  tokenizer = await loadTokenizer(join(model, 'tokenizer.json'), { length: 64 });
  const written = await writeShards(readSource(images), { folder: join(folder, 'shards'), maxSamples: 4 });
  for (const { path } of written) shards.push(path);
});

async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

const captionsOf = (samples: readonly Sample[]) => samples.map(({ captions }) => captions[0]!.text).sort();

describe('sources', () => {
  it('of every kind give the same samples', async () => {
    const expected = [...CAPTIONS].sort();
    expect(captionsOf(await take(readSource(images), 6))).toEqual(expected);
    const listed = await take(readSource(await imageFiles(pictures, { folderLabels: true })), 6);
    // Nothing in their own folders says more.
    expect(captionsOf(listed)).toEqual(CLASS_NAMES.flatMap((name) => [name, name]).sort());
    expect(captionsOf(await take(readSource(await webdataset(shards)), 6))).toEqual(expected);
    const path = join(folder, 'samples.parquet');
    parquetWriteFile({
      filename: path,
      columnData: [
        {
          name: 'image',
          data: pictures.map((picture) => new Uint8Array(readFileSync(picture))),
          type: 'BYTE_ARRAY',
        },
        { name: 'text', data: CAPTIONS, type: 'STRING' },
      ],
    });
    expect(captionsOf(await take(readSource(await parquet(path)), 6))).toEqual(expected);
    expect(captionsOf(await take(readSource(await openSource([path])), 6))).toEqual(expected);
    const annotations = join(folder, 'annotations.json');
    writeFileSync(
      annotations,
      JSON.stringify({
        images: pictures.map((picture, id) => ({
          id,
          file_name: picture.slice(DATA.length + 1),
          height: 240,
          width: 320,
        })),
        annotations: CAPTIONS.map((caption, id) => ({ id, image_id: id, caption })),
      }),
    );
    expect(captionsOf(await take(readSource(await coco({ images: DATA, annotations })), 6))).toEqual(
      expected,
    );
    const [identity, ofShards] = await Promise.all([
      identifySource(images),
      identifySource(await webdataset(shards)),
    ]);
    expect(describeDifference(identity, await identifySource(await imageFolder(DATA)))).toBeUndefined();
    expect(describeDifference(identity, ofShards)).toMatch(/another kind/);
    const scan = await scanSource(images);
    expect(scan.samples).toHaveLength(6);
    expect(tallyText(scan.report)).toContain('6');
    const half = subset(
      images,
      heldOut(
        scan.samples.map(({ key }) => key),
        0.5,
        1,
      ),
    );
    expect(half.size).toBeLessThan(6);
    expect(classesOf(scan.samples)).toBeUndefined();
  });
});

describe('streams and batches', () => {
  it('go on where they were left, in any mixture', async () => {
    const stream = sampleStream(images, { seed: 1 });
    const [first, second, third] = await take(stream.from(), 3);
    expect(await take(stream.from(second!.next), 1)).toEqual([third]);
    expect(first!.sample).toBeDefined();
    const sharded = shardedStream(await webdataset(shards), { seed: 1 });
    const mixed = mixture([
      { stream: languageMixture(indexedStream(images, { seed: 2 })), weight: 1 },
      { stream: select(sharded, 'people', (sample) => sample), weight: 1 },
    ]);
    const items = await take(
      mapAhead(lookAhead(mixed.from(), 2), async (item) => item.sample!.source, 2),
      8,
    );
    expect(new Set(items).size).toBe(2);
  });

  it('of NaFlex pictures and 256,000 pieces are a function of the step', async () => {
    const tally = createTally();
    const stream = indexedStream(images, { seed: 3 });
    const batches = pairBatches(stream, {
      seed: 3,
      tokenizer,
      shape: { images: 4, preprocessing: naflexPreprocessing(16, 1024) },
      positions: memoryPositions(),
      tally,
    });
    const [later, again] = [await batches.batchAt(2), await batches.batchAt(0)];
    expect(later.arrays['pixel_values']!.shape).toEqual([4, 1024, 768]);
    expect(withCaptionIds(again.arrays)['text_ids']!.shape).toEqual([4]);
    const same = (await batches.batchAt(2)).arrays;
    // A matcher would take a minute for three million numbers.
    for (const [name, { data }] of Object.entries(later.arrays))
      expect(Buffer.from(same[name]!.data.buffer).equals(Buffer.from(data.buffer)), name).toBe(true);
    await batches.close();
    expect(tally.report().bad).toBe(0);
    const positions = await filePositions(join(folder, 'positions.jsonl'), stream.identity);
    const counted = batchSource(stream, {
      sizeAt: () => 2,
      makerAt: () => {
        let count = 0;
        return {
          add: () => {
            count++;
          },
          finish: () => count,
        };
      },
      positions,
    });
    expect(await counted.batchAt(0)).toBe(2);
    await counted.close();
  });

  it('for the decoder and for self-distillation have the released sizes', async () => {
    const box = { y1: 0, x1: 0, y2: 0.5, x2: 0.5 };
    const examples = [{ caption: 'a red fox', referring: { box, caption: 'a fox' } }];
    const batch = loccaBatch(examples, tokenizer, { seed: 1, length: 64 }, 0);
    expect(batch.decoder_ids.shape.at(-1)).toBe(64);
    expect(Math.max(...batch.decoder_ids.data)).toBeLessThan(256_001);
    const picture = await decodeImage(pictures[0]!);
    const crops = multiCropBatch([picture], silcViews(256, 96, DINO_COLOURS), 1, 0);
    expect(crops.arrays.global_views.shape.slice(-2)).toEqual([256, 256]);
    expect(crops.arrays.local_views.shape.slice(-2)).toEqual([96, 96]);
    const whole = { crop: { y1: 0, x1: 0, y2: 1, x2: 1 }, flipped: true, height: 256, width: 256 };
    expect(boxInView(box, whole)).toEqual({ y1: 0, x1: 128, y2: 128, x2: 256 });
    const masked = drawMaskedPositions(createRandom(1, 'masks'), 2, 729, 0.5);
    expect(masked.shape[0]).toBe(2);
    expect(Math.max(...masked.data)).toBeLessThan(729);
  });
});

describe('balance', () => {
  it('of a million captions', () => {
    const read = captionReader(DEFAULT_LEXICON);
    const examples = CAPTIONS.map(read);
    const schema = schemaOf(DEFAULT_LEXICON);
    const balancer = createBalancer(schema);
    for (let i = 0; i < 1e6; i++) {
      const keep = balancer.next(examples[i % examples.length]!);
      if (i % 100_000 === 0) expect(keep >= 0 && keep <= 1).toBe(true);
    }
    const { keepProbabilities } = balance(schema, examples, { passes: 2 });
    expect(keepProbabilities).toHaveLength(CAPTIONS.length);
    expect(isKept(1, 0, 'key')).toBe(true);
  });

  it('of samples as they stream by', async () => {
    const balanced = balanceSamples(() => readSource(images), { lexicon: DEFAULT_LEXICON, seed: 1 });
    const kept = await take(balanced.kept, 6);
    expect(kept.length).toBeGreaterThan(0);
    expect(balanced.report()).toMatchObject({ kept: expect.any(Number) });
  });
});
