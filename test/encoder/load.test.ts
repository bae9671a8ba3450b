import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { trimModel } from '../../src/checkpoint/trimModel.ts';
import { EMBEDDED_MODEL } from '../../src/encoder/embeddedModel.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { load } from '../../src/encoder/load.ts';
import { naflexSize } from '../../src/input/image/naflex/naflexSize.ts';
import { rgbImage } from '../../src/input/image/rgbImage.ts';
import { availableDevices } from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { DEVICES } from '../../src/tensor/session.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from '../cli/models.ts';

const noise = (seed: number, width = 20, height = 12) => {
  const random = createRandom(seed, 'test-image');
  return rgbImage(
    width,
    height,
    Uint8Array.from({ length: width * height * 3 }, () => random.int(256)),
  );
};

const row = (embeddings: { shape: readonly number[]; data: Float32Array }, i: number) =>
  Array.from(embeddings.data.subarray(i * embeddings.shape[1]!, (i + 1) * embeddings.shape[1]!));

const closest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

// Batches of another size sum in another order; float32 keeps six digits.
const SAME = 1e-5;

describe.each(['fixed', 'naflex'] as const)('encoder, %s', (kind) => {
  let encoder: Encoder;
  beforeAll(async () => {
    encoder = await load(await saveTinyModel(temporaryFolder(), kind), { imageBatch: 3, textBatch: 4 });
  });
  afterAll(() => encoder.dispose());

  it('gives unit-length rows in the order of the input, whatever the batches', async () => {
    const images = Array.from({ length: 8 }, (_, i) => noise(i, 10 + i, 30 - 2 * i));
    const all = await encoder.embedImages(images);
    expect(all.shape).toEqual([8, encoder.width]);
    for (let i = 0; i < images.length; i++) {
      const alone = await encoder.embedImages([images[i]!]);
      expect(closest(row(all, i), row(alone, 0))).toBeLessThan(SAME);
      expect(Math.hypot(...row(all, i))).toBeCloseTo(1, 5);
    }
  });

  it('keeps the results of overlapping calls apart', async () => {
    const texts = ['ein hund', 'un chat', '猫', 'собака', 'ngeru', 'a red car'];
    const together = await encoder.embedTexts(texts);
    const apart = await Promise.all(texts.map((text) => encoder.embedTexts([text])));
    apart.forEach((one, i) => {
      expect(closest(row(together, i), row(one, 0))).toBeLessThan(SAME);
    });
    expect(closest(row(together, 0), row(together, 1))).toBeGreaterThan(1e-3);
  });

  it('gives patch features with their grid, and the pooled vector that embeddings are made of', async () => {
    const images = Array.from({ length: 5 }, (_, i) => noise(i, 10 + 9 * i, 30 - 5 * i));
    const [features, embeddings] = [await encoder.imageFeatures(images), await encoder.embedImages(images)];
    const { vision } = encoder.config;
    features.forEach(({ rows, columns, tokens, pooled }, i) => {
      const expected =
        vision.kind === 'fixed'
          ? { height: vision.imageSize, width: vision.imageSize }
          : naflexSize(images[i]!.height, images[i]!.width, vision.patchSize, vision.numPatches);
      expect([rows, columns]).toEqual([
        expected.height / vision.patchSize,
        expected.width / vision.patchSize,
      ]);
      expect(tokens.shape).toEqual([rows * columns, vision.hiddenSize]);
      const norm = Math.hypot(...pooled.data);
      const unit = Array.from(pooled.data, (value) => value / norm);
      expect(closest(unit, row(embeddings, i))).toBeLessThan(SAME);
    });
    expect(await encoder.imageFeatures([])).toEqual([]);
  });

  it('scores each pair with its own sigmoid, not a softmax', async () => {
    const texts = ['a dog', 'a cat'];
    const pair = await encoder.score(IMAGES, texts);
    const single = await encoder.score([IMAGES[1]!], [texts[1]!]);
    expect(pair.shape).toEqual([IMAGES.length, 2]);
    // A softmax would give 1 to a single candidate, and another value beside a second one.
    expect(single.data[0]).toBeCloseTo(pair.data[1 * 2 + 1]!, 5);
    const { logTemperature, bias } = encoder.logitScalars;
    const [image, text] = [await encoder.embedImages([IMAGES[1]!]), await encoder.embedTexts(['a cat'])];
    const cosine = row(image, 0).reduce((sum, x, i) => sum + x * row(text, 0)[i]!, 0);
    expect(single.data[0]).toBeCloseTo(1 / (1 + Math.exp(-(Math.exp(logTemperature) * cosine + bias))), 5);
  });

  it('classifies with prompt ensembles, best label first', async () => {
    const labels = ['dog', 'Great_White, Shark!', 'car'];
    const [result] = await encoder.classify([IMAGES[0]!], labels);
    expect(result!.map((one) => one.label).sort()).toEqual([...labels].sort());
    const probabilities = result!.map((one) => one.probability);
    expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
  });

  it('takes labels as they are for the template {}: capitals and punctuation count', async () => {
    const label = 'Great_White, Shark!';
    const [plain] = await encoder.classify([IMAGES[0]!], [label], { templates: ['{}'] });
    const { data } = await encoder.score([IMAGES[0]!], [label, 'great white, shark']);
    expect(plain![0]!.probability).toBeCloseTo(data[0]!, 6);
    expect(Math.abs(data[0]! - data[1]!)).toBeGreaterThan(1e-4);
    expect(encoder.templates).toBe('clip_best');
  });

  it('leaves out images that cannot be read where somebody is told of them', async () => {
    const good = Array.from({ length: 5 }, (_, i) => noise(i));
    const torn = (await readFile(IMAGES[0]!)).subarray(0, 60);
    // The second batch of three has none that is good.
    const sources = [good[0]!, 'missing.png', good[1]!, torn, torn, 'none.png', good[2]!, good[3]!, good[4]!];
    const bad: [number, string][] = [];
    const onBad = (place: number, error: unknown) => bad.push([place, String(error)]);
    const rows = await encoder.embedImages(sources, { onBad });
    expect(bad.map(([place]) => place)).toEqual([1, 3, 4, 5]);
    expect(bad[0]![1]).toMatch(/missing\.png: can't be read/);
    expect(rows.shape).toEqual([5, encoder.width]);
    const expected = await encoder.embedImages(good);
    for (const i of good.keys()) expect(closest(row(rows, i), row(expected, i))).toBeLessThan(SAME);
    expect((await encoder.embedImages([torn], { onBad })).shape).toEqual([0, encoder.width]);
  });

  it('takes no items and refuses bad ones by name', async () => {
    expect((await encoder.embedTexts([])).shape).toEqual([0, encoder.width]);
    await expect(encoder.embedImages([IMAGES[0]!, 'missing.png'])).rejects.toThrow(/missing\.png/);
    await expect(encoder.classify([IMAGES[0]!], [])).rejects.toThrow(/at least one label/);
  });
});

describe('encoder', () => {
  it('takes labels as the checkpoint says, and so does a model that is made from it', async () => {
    const smaller = temporaryFolder();
    const model = await openModelDirectory(EMBEDDED_MODEL);
    await trimModel(model, ['bus', 'taxi'], smaller, {});
    await model.weights.close();
    for (const name of [EMBEDDED_MODEL, smaller]) {
      const encoder = await load(name);
      expect(encoder.templates).toEqual(['{}']);
      const [one] = await encoder.classify([IMAGES[0]!], ['Bus!']);
      const [bare] = await encoder.classify([IMAGES[0]!], ['Bus!'], { templates: ['{}'] });
      expect(one).toEqual(bare);
      await encoder.dispose();
    }
  });

  it('cannot be used after it is disposed; disposing twice is fine', async () => {
    const encoder = await load(await saveTinyModel(temporaryFolder()));
    await encoder.embedTexts(['x']);
    await encoder.dispose();
    await encoder.dispose();
    await expect(encoder.embedTexts(['x'])).rejects.toThrow(/disposed/);
  });

  it('takes more or fewer NaFlex patches than the checkpoint says', async () => {
    const directory = await saveTinyModel(temporaryFolder(), 'naflex');
    const rows = [];
    for (const maxNumPatches of [9, 16, 25]) {
      const encoder = await load(directory, { maxNumPatches });
      rows.push(row(await encoder.embedImages([noise(1)]), 0));
      await encoder.dispose();
    }
    expect(closest(rows[0]!, rows[1]!)).toBeGreaterThan(1e-4);
    expect(closest(rows[1]!, rows[2]!)).toBeGreaterThan(1e-4);
  });

  it('embeds the narrowest and the widest pictures beside a square one, as if alone', async () => {
    const encoder = await load(await saveTinyModel(temporaryFolder(), 'naflex'));
    const pictures = [
      [1000, 1],
      [1, 1000],
      [40, 40],
    ].map(([width, height]) => {
      const pixels = Uint8Array.from({ length: width! * height! * 3 }, (_, i) => (i * 37) % 256);
      return rgbImage(width!, height!, pixels);
    });
    const together = await encoder.embedImages(pictures);
    for (const [i, picture] of pictures.entries()) {
      expect(Math.hypot(...row(together, i))).toBeCloseTo(1, 5);
      expect(closest(row(together, i), row(await encoder.embedImages([picture]), 0))).toBeLessThan(1e-5);
    }
    await encoder.dispose();
  });

  it('refuses batches of nothing before it loads anything', async () => {
    await expect(load('no/such/model/here', { textBatch: 0 })).rejects.toThrow(
      /textBatch is 0; .* at least 1/,
    );
    await expect(load('no/such/model/here', { imageBatch: 1.5 })).rejects.toThrow(/imageBatch is 1\.5/);
  });

  it('decodes and resizes as it is told', async () => {
    const directory = await saveTinyModel(temporaryFolder());
    const small = await load(directory, { decode: { maxPixels: 3 } });
    await expect(small.embedImages([IMAGES[0]!])).rejects.toThrow(/more than the limit of 3/);
    await small.dispose();
    const rows = [];
    for (const resample of [undefined, 'bilinear', 'big_vision'] as const) {
      const encoder = await load(directory, { resample });
      rows.push(row(await encoder.embedImages([IMAGES[0]!]), 0));
      await encoder.dispose();
    }
    expect(rows[1]).toEqual(rows[0]);
    expect(closest(rows[0]!, rows[2]!)).toBeGreaterThan(1e-4);
  });

  it('puts the checkpoint’s colour behind transparent pixels, and drops alpha where it names none', async () => {
    const directory = await saveTinyModel(temporaryFolder());
    const pixel = async (alpha: number): Promise<Uint8Array> =>
      sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 9, g: 80, b: 200, alpha } } })
        .png()
        .toBuffer();
    const embed = async (image: Uint8Array): Promise<number[]> => {
      const encoder = await load(directory);
      const found = row(await encoder.embedImages([image]), 0);
      await encoder.dispose();
      return found;
    };
    const opaque = await embed(await pixel(1));
    expect(closest(await embed(await pixel(0.5)), opaque)).toBe(0);
    const file = join(directory, 'preprocessor_config.json');
    const settings: object = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...settings, background_color: [255, 255, 255] }));
    expect(closest(await embed(await pixel(1)), opaque)).toBe(0);
    expect(closest(await embed(await pixel(0.5)), opaque)).toBeGreaterThan(1e-4);
  });

  it('lets go of everything after an engine that could not start', async () => {
    const missing = DEVICES.find((device) => !availableDevices().includes(device))!;
    const encoder = await load(await saveTinyModel(temporaryFolder()), { device: missing });
    await expect(encoder.embedTexts(['x'])).rejects.toThrow();
    await expect(encoder.embedTexts(['x'])).rejects.toThrow();
    await encoder.dispose();
    await expect(encoder.embedTexts(['x'])).rejects.toThrow(/disposed/);
  });

  it('says what a model name should look like', async () => {
    await expect(load('no/such/model/here')).rejects.toThrow(/no such directory/);
  });
});
