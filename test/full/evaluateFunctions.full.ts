import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  classSamples,
  createSimilarity,
  decodedSamples,
  embedSamples,
  evaluators,
  mappedSamples,
  ranks,
  recall,
  sampleFeatures,
} from '../../src/evaluate/index.ts';
import {
  annotate,
  annotateSamples,
  captionQueries,
  type Encoder,
  evaluateDepth,
  evaluateDescribed,
  evaluateFewShot,
  evaluateRetrieval,
  evaluateSegmentation,
  evaluateZeroShot,
  heatmapDetector,
  imageFolder,
  keepDetections,
  knownBoxes,
  load,
  matrix,
  referringAccuracy,
  type Sample,
} from '../../src/index.ts';
import { releasedModel } from './releasedModel.ts';
import { CLASS_NAMES, classFolder, workFolder } from './support/pictures.ts';

const folder = workFolder();
let encoder: Encoder;
let pictures: string[];
const PER_CLASS = 4;
const labels = CLASS_NAMES.flatMap((_, label) => Array.from({ length: PER_CLASS }, () => label));

beforeAll(async () => {
  pictures = await classFolder(join(folder, 'data'), PER_CLASS);
  encoder = await load(await releasedModel({ variant: 'base-patch16-224', dtype: 'bfloat16' }));
});
afterAll(() => encoder.dispose());

const sampleOf = (image: string, i: number): Sample => ({
  key: image,
  image,
  source: 'data',
  captions: [{ text: `a picture of a ${CLASS_NAMES[labels[i]!]}` }],
});

describe('evaluation with B/16', () => {
  it('zero-shot, retrieval and what a folder says', async () => {
    const zeroShot = await evaluateZeroShot(encoder, pictures, labels, CLASS_NAMES, { templates: ['{}'] });
    expect(zeroShot).toMatchObject({ images: pictures.length, classes: 3, top5: 1, chance: { top1: 1 / 3 } });
    // What the best class is, by the embeddings themselves.
    const scores = await encoder.score(pictures, [...CLASS_NAMES]);
    const right = labels.filter((label, i) => {
      const row = [...scores.data.subarray(3 * i, 3 * i + 3)];
      return row.indexOf(Math.max(...row)) === label;
    });
    expect(zeroShot.top1).toBeCloseTo(right.length / labels.length, 6);
    const described = pictures.map((image, i) => ({
      image,
      texts: [`picture ${i} of a ${CLASS_NAMES[labels[i]!]}`],
    }));
    const retrieval = await evaluateRetrieval(encoder, described);
    expect(retrieval).toMatchObject({ images: pictures.length, texts: pictures.length });
    expect(retrieval.textToImage.at10).toBeGreaterThanOrEqual(retrieval.textToImage.at1);
    const samples = pictures.map(sampleOf);
    expect(
      await evaluateDescribed(
        encoder,
        samples,
        CLASS_NAMES.map((name) => `a picture of a ${name}`),
      ),
    ).toMatchObject({ kind: 'classes', images: pictures.length });
  });

  it('of a set that evaluators read themselves', async () => {
    const set = join(folder, 'data');
    const data = await imageFolder(set, { folderLabels: true });
    const { samples, embeddings } = await embedSamples(encoder, { data });
    expect(embeddings.shape).toEqual([pictures.length, encoder.width]);
    expect([...classSamples(samples).names].sort()).toEqual([...CLASS_NAMES].sort());
    const engine = await createSimilarity(encoder.width);
    const similarities = await engine.similarities(embeddings, embeddings);
    await engine.dispose();
    const own = samples.map((_, i) => i);
    const { queries, at1, at10 } = recall(ranks(similarities, own, own));
    expect(queries).toBe(pictures.length);
    expect(at10).toBeGreaterThanOrEqual(at1);
    const found: string[] = [];
    for await (const { metric, count } of evaluators.get('zero-shot').run(encoder, { data })) {
      expect(count).toBeGreaterThan(0);
      found.push(metric);
    }
    expect(found).toContain('top1');
    for await (const { image } of decodedSamples(encoder, { data })) expect(image.width).toBe(320);
    for await (const { features } of sampleFeatures(encoder, { data }))
      expect(features.tokens.shape).toEqual([196, 768]);
    const maps = join(folder, 'maps');
    const grey = { create: { width: 320, height: 240, channels: 3, background: '#010101' } } as const;
    for (const { key } of samples) {
      mkdirSync(dirname(join(maps, key)), { recursive: true });
      await sharp(grey)
        .toColourspace('b-w')
        .png()
        .toFile(join(maps, `${key.replace(/\.jpg$/, '')}.png`));
    }
    const { train, test } = await mappedSamples(encoder, { data, maps });
    expect(train.length + test.length).toBe(pictures.length);
  });

  it('probes of pooled and patch features', async () => {
    const features = await encoder.imageFeatures(pictures);
    const width = encoder.config.vision.hiddenSize;
    const of = (indices: readonly number[]) => ({
      features: matrix(
        indices.length,
        width,
        indices.flatMap((i) => [...features[i]!.pooled.data]),
      ),
      labels: indices.map((i) => labels[i]!),
    });
    const all = pictures.map((_, i) => i);
    // Tested on what it learnt: a probe with 768 numbers an image tells twelve apart.
    const fewShot = evaluateFewShot(of(all), of(all), { classes: 3, shots: PER_CLASS, seeds: [0] });
    expect(fewShot.accuracy).toBe(1);
    const [height, columns] = [64, 64];
    const size = { height, width: columns };
    const half = (y: number) => (y < height / 2 ? 0 : 1);
    const pixels = Array.from({ length: height * columns }, (_, i) => half(Math.floor(i / columns)));
    const dense = features.map((one) => ({ features: one, ...size }));
    const [train, test] = [dense.slice(0, 6), dense.slice(6)];
    const segmentation = evaluateSegmentation(
      train.map((example) => ({ ...example, labels: pixels })),
      test.map((example) => ({ ...example, labels: pixels })),
      { classes: 2 },
    );
    expect(segmentation.meanIoU).toBeGreaterThan(0);
    const depth = evaluateDepth(
      train.map((example) => ({ ...example, depth: pixels.map((value) => 1 + value) })),
      test.map((example) => ({ ...example, depth: pixels.map((value) => 1 + value) })),
    );
    expect(Number.isFinite(depth.rmse)).toBe(true);
    expect(depth.pixels).toBe(test.length * pixels.length);
  });

  it('boxes that are found by heatmaps and by knowing them', async () => {
    const whole = { y1: 0, x1: 0, y2: 1, x2: 1 };
    const detector = heatmapDetector(encoder, { threshold: 0.5, templates: ['{}'] });
    const queries = captionQueries('a red fox in the sea');
    expect(queries).toContain('red fox');
    const found = await detector.detect(pictures[0]!, queries);
    for (const { score, box } of found) {
      expect(score).toBeGreaterThanOrEqual(0);
      expect(box.y2).toBeLessThanOrEqual(1);
    }
    const kept = keepDetections(found, { boxScore: 0, imageScore: 0 });
    expect(kept.length).toBeLessThanOrEqual(found.length);
    const known = knownBoxes([{ box: whole, text: 'red fox' }]);
    const regions = await annotate(pictures[0]!, [{ text: 'a red fox' }], known);
    expect(regions[0]).toMatchObject({ text: 'red fox', box: whole });
    const samples: Sample[] = [];
    for await (const sample of annotateSamples(pictures.slice(0, 2).map(sampleOf), () => detector, {
      keep: { boxScore: 0, imageScore: 0 },
    }))
      samples.push(sample);
    expect(samples).toHaveLength(2);
    expect(referringAccuracy([whole, undefined], [{ box: whole }, { box: whole }]).accuracy).toBe(0.5);
  });
});
