import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/data/samples/sample.ts';
import { createTally } from '../../../src/data/samples/tally.ts';
import type { IndexedSource } from '../../../src/data/sources/source.ts';
import type { Encoder } from '../../../src/encoder/encoder.ts';
import type { Evaluation } from '../../../src/evaluate/evaluator.ts';
import { shareInterval } from '../../../src/evaluate/metrics/interval.ts';
import { evaluators } from '../../../src/evaluate/registry.ts';
import { depth } from '../../../src/evaluate/tasks/depth.ts';
import { fewShot } from '../../../src/evaluate/tasks/fewShot.ts';
import { referring } from '../../../src/evaluate/tasks/referring.ts';
import { retrieval } from '../../../src/evaluate/tasks/retrieval.ts';
import { segmentation } from '../../../src/evaluate/tasks/segmentation.ts';
import { zeroShot } from '../../../src/evaluate/tasks/zeroShot.ts';
import { rgbImage } from '../../../src/input/image/rgbImage.ts';
import { float32 } from '../../../src/tensor/index.ts';
import { fakeEncoder } from '../../server/fakeEncoder.ts';

const COLOURS = { red: [255, 0, 0], green: [0, 255, 0], blue: [0, 0, 255] } as const;

const sample = (colour: keyof typeof COLOURS, key: string, more: Partial<Sample> = {}): Sample => ({
  key,
  source: 'colours',
  image: rgbImage(1, 1, Uint8Array.from(COLOURS[colour])),
  captions: [{ text: colour }],
  ...more,
});

const BROKEN: Sample = { ...sample('red', 'broken.png'), image: Uint8Array.from([1, 2, 3]) };

const sourceOf = (samples: readonly Sample[]): IndexedSource => ({
  kind: 'indexed',
  name: 'colours',
  size: samples.length,
  read: async (index) => ({ sample: samples[index]! }),
});

/** As `load` gives it: tells of each image that it cannot read, and leaves its row out. */
function tolerant(encoder: Encoder): Encoder {
  return {
    ...encoder,
    async embedImages(images, { onBad } = {}) {
      const good = images.filter((image, place) => {
        const isBad = image instanceof Uint8Array;
        if (isBad) onBad?.(place, new Error('is no image'));
        return !isBad;
      });
      return encoder.embedImages(good);
    },
  };
}

async function all(evaluations: AsyncIterable<Evaluation>): Promise<Evaluation[]> {
  const found: Evaluation[] = [];
  for await (const one of evaluations) found.push(one);
  return found;
}
const three = (['red', 'green', 'blue'] as const).map((colour) => sample(colour, `${colour}.png`));

describe('zero-shot', () => {
  /** It learnt "it is X" alone: every other text looks like blue. */
  const trained = (templates: readonly string[]) => {
    const encoder = fakeEncoder({ templates });
    const embedTexts = (texts: readonly string[]) =>
      encoder.embedTexts(texts.map((text) => (text.startsWith('it is ') ? text : 'blue')));
    return { ...encoder, embedTexts };
  };

  it('puts around the names what the encoder was trained with', async () => {
    const data = sourceOf(three);
    const [top1] = await all(zeroShot.run(trained(['it is {}']), { data }));
    const interval = shareInterval(1, 3);
    expect(top1).toEqual({ metric: 'top1', value: 1, interval, chance: 1 / 3, count: 3 });
    const other = await all(zeroShot.run(trained(['it is {}']), { data, templates: 'clip_best' }));
    expect(other[0]).toMatchObject({ value: 0 });
  });

  it('takes names as they are where that is what the encoder was trained with', async () => {
    const asked: string[] = [];
    const encoder = fakeEncoder({ templates: ['{}'] });
    const embedTexts = (texts: readonly string[]) => {
      asked.push(...texts);
      return encoder.embedTexts(texts);
    };
    const named = three.map((one, i) => ({ ...one, captions: [{ text: ['Red!', 'Green', 'A.B'][i]! }] }));
    await all(zeroShot.run({ ...encoder, embedTexts }, { data: sourceOf(named) }));
    expect(asked).toEqual(['A.B', 'Green', 'Red!']);
  });

  it('counts and names what cannot be read, and refuses it where nobody counts', async () => {
    const data = sourceOf([three[0]!, BROKEN, ...three.slice(1)]);
    const tally = createTally({ maxRate: 0.5 });
    const [top1] = await all(zeroShot.run(tolerant(fakeEncoder()), { data, tally }));
    expect(top1).toMatchObject({ value: 1, count: 3 });
    const { read, bad, reasons } = tally.report();
    expect({ read, bad }).toEqual({ read: 4, bad: 1 });
    expect(reasons.undecodable?.examples[0]).toMatchObject({ key: 'broken.png', detail: 'is no image' });
    await expect(all(zeroShot.run(tolerant(fakeEncoder()), { data }))).rejects.toThrow('broken.png');
  });

  it('names an image that has no one class', async () => {
    const captions = [{ text: 'red' }, { text: 'round' }];
    const data = sourceOf([sample('red', 'two.png', { captions })]);
    await expect(all(zeroShot.run(fakeEncoder(), { data }))).rejects.toThrow(/two\.png: has 2 captions/);
    await expect(all(zeroShot.run(fakeEncoder(), { data: sourceOf([]) }))).rejects.toThrow(/no image/);
  });
});

it('retrieval gives recall both ways with chance', async () => {
  const found = await all(retrieval.run(fakeEncoder(), { data: sourceOf(three) }));
  expect(found.map(({ metric }) => metric)).toEqual(
    ['textToImage', 'imageToText'].flatMap((way) => [1, 5, 10].map((k) => `${way}@${k}`)),
  );
  expect(found[0]).toMatchObject({ value: 1, chance: expect.closeTo(1 / 3, 12), count: 3 });
});

it('few-shot learns classes from some images and is tested on the others', async () => {
  const many = Array.from({ length: 4 }, (_, i) => three.map((one) => ({ ...one, key: `${i} ${one.key}` })));
  const data = sourceOf(many.flat());
  const [accuracy, ...seeds] = await all(fewShot.run(fakeEncoder(), { data, shots: 2, regularisation: 1 }));
  expect(accuracy).toMatchObject({ metric: 'accuracy', value: 1, chance: 1 / 3, count: 6 });
  expect(seeds.map(({ metric }) => metric)).toEqual([0, 1, 2].map((seed) => `accuracy/seed${seed}`));
  await expect(all(fewShot.run(fakeEncoder(), { data, shots: 3 }))).rejects.toThrow(
    'class "blue" has 2 images to learn from, fewer than shots 3',
  );
});

describe('dense probes', () => {
  /** Sees the two halves of a picture of 2 × 1 pixels. */
  const seeing = fakeEncoder({
    imageFeatures: async (images) =>
      images.map((image) => {
        if (typeof image === 'string' || !('data' in image)) throw new Error('expected pixels');
        const tokens = float32(
          [2, 3],
          Array.from(image.data, (value) => value / 255),
        );
        const grid = { rows: 1, columns: 2, patchHeight: 1, patchWidth: 0.5 };
        return { ...grid, tokens, pooled: float32([3], [0, 0, 0]) };
      }),
  });
  const folder = mkdtempSync(join(tmpdir(), 'siglip2-maps-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  /** Red to the left or to the right; the map says where: 1 (or 300) for red. */
  async function data(name: string, red: number): Promise<IndexedSource> {
    mkdirSync(join(folder, name));
    const samples = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const isLeft = i % 2 === 0;
        const halves = isLeft ? [...COLOURS.red, ...COLOURS.blue] : [...COLOURS.blue, ...COLOURS.red];
        const values = Uint16Array.from(isLeft ? [red, 7] : [7, red], (one) => (one === 7 ? 0 : one));
        // The map of the last but one is missing, that of the last has another size.
        const raw = { width: i === 7 ? 1 : 2, height: 1, channels: 1 } as const;
        const pixels =
          red > 255 ? values.subarray(0, raw.width) : Uint8Array.from(values).subarray(0, raw.width);
        const png = sharp(pixels, { raw })
          .toColourspace(red > 255 ? 'grey16' : 'b-w')
          .png();
        if (i !== 6) await png.toFile(join(folder, name, `${i}.png`));
        const image = rgbImage(2, 1, Uint8Array.from(halves));
        return sample('red', `${i}.jpg`, { image });
      }),
    );
    return sourceOf(samples);
  }

  it('learn maps of classes or depths from some images; one without a map that fits is counted', async () => {
    const tally = createTally({ maxRate: 0.5 });
    const classes = { data: await data('classes', 1), maps: join(folder, 'classes'), regularisation: 1e-3 };
    const [iou] = await all(segmentation.run(seeing, { ...classes, tally }));
    expect(iou).toMatchObject({ metric: 'meanIoU', value: 1, count: 3 });
    expect(iou!.chance).toBeLessThan(0.5);
    const { read, bad, reasons } = tally.report();
    expect({ read, bad }).toEqual({ read: 8, bad: 2 });
    const [missing, small] = reasons['malformed-metadata']!.examples;
    expect(missing).toMatchObject({ key: '6.jpg', detail: expect.stringMatching(/6\.png/) });
    expect(small!.detail).toMatch(/7\.png: has 1 × 1 pixels, its image 2 × 1/);

    const depths = { data: await data('depths', 300), maps: join(folder, 'depths') };
    const options = { ...depths, noDepth: 9, regularisation: 1e-6, tally: createTally({ maxRate: 0.5 }) };
    const [rmse] = await all(depth.run(seeing, options));
    expect(rmse).toMatchObject({ metric: 'rmse', lowerIsBetter: true, count: 3, chance: 150 });
    expect(rmse!.value).toBeLessThan(1);
  });
});

describe('referring', () => {
  const half = { y1: 0, x1: 0, y2: 1, x2: 0.5 };
  const whole = { y1: 0, x1: 0, y2: 1, x2: 1 };
  const regions = [
    { box: half, text: 'the left' },
    { box: whole, text: 'all' },
  ];

  it('asks for every region of every image', async () => {
    const data = sourceOf([three[0]!, sample('red', 'a.png', { regions })]);
    const locate = async (_: unknown, texts: readonly string[]) =>
      texts.map((text) => (text === 'all' ? whole : { ...half, x2: 0.2 }));
    const found = await all(referring.run(fakeEncoder(), { data, locate }));
    // A box of the image that is guessed is the right one in one of two cases, or half of the whole.
    expect(found[0]).toMatchObject({ metric: 'accuracy@0.5', value: 0.5, chance: 1, count: 2 });
    expect(found[1]).toMatchObject({ metric: 'meanIoU', value: expect.closeTo(0.7, 12) });
    await expect(all(referring.run(fakeEncoder(), { data: sourceOf(three) }))).rejects.toThrow(/no regions/);
  });

  it('looks for itself where nothing else answers', async () => {
    const patches = { rows: 2, columns: 2, patchHeight: 0.5, patchWidth: 0.5 };
    const encoder = fakeEncoder({
      // The left half is red.
      embedPatches: async (images) =>
        images.map(() => ({ ...patches, embeddings: float32([4, 3], [1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0]) })),
    });
    const image = rgbImage(2, 2, Uint8Array.from([255, 0, 0, 0, 255, 0, 255, 0, 0, 0, 255, 0]));
    const data = sourceOf([sample('red', 'a.png', { image, regions: [{ box: half, text: 'red' }] })]);
    expect((await all(referring.run(encoder, { data })))[0]).toMatchObject({ value: 1 });
  });
});

it('every evaluator says what it does and needs', () => {
  // By name: test files share a process, and another may have registered evaluators of its own.
  const own = ['zero-shot', 'retrieval', 'few-shot', 'segmentation', 'depth', 'referring'];
  for (const { name, description, options } of own.map((name) => evaluators.get(name))) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(description).toMatch(/^[A-Z].*\.$/);
    expect(Object.keys(options)).toContain('data');
  }
  expect(() => evaluators.get('zero')).toThrow(/no task 'zero'; there are zero-shot, /);
});

it('an interval of a share is that of Wilson', () => {
  // z = 1.96: of none in n the upper bound is z² ÷ (n + z²); of a half, ½ ± ½·z ÷ √(n + z²).
  expect(shareInterval(0.5, 100)).toEqual([expect.closeTo(0.403832, 5), expect.closeTo(0.596168, 5)]);
  expect(shareInterval(0, 10)).toEqual([0, expect.closeTo(0.277533, 5)]);
});
