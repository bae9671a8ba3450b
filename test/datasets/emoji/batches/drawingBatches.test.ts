import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawItems, drawingBatches } from '../../../../datasets/emoji/batches/drawingBatches.ts';
import {
  drawAny,
  drawingCentres,
  embedDrawings,
} from '../../../../datasets/emoji/batches/drawingEmbeddings.ts';
import { nameBatches } from '../../../../datasets/emoji/batches/nameBatches.ts';
import { buildEmojiDataset } from '../../../../datasets/emoji/buildDataset.ts';
import type { EmojiDataset } from '../../../../datasets/emoji/dataset.ts';
import {
  type DrawingAugmentation,
  drawAugmented,
  EMOJI_AUGMENTATION,
  UNCHANGED,
} from '../../../../datasets/emoji/drawings/augmentation.ts';
import { blendDrawings } from '../../../../datasets/emoji/drawings/blend.ts';
import { imageGraph } from '../../../../src/encoder/towers/graphs.ts';
import { composite } from '../../../../src/input/image/rgbaImage.ts';
import type { ModelConfig } from '../../../../src/model/config.ts';
import { twoTowers } from '../../../../src/model/twoTowers.ts';
import { compileWith } from '../../../../src/nn/compileWith.ts';
import { initializeParameters } from '../../../../src/nn/initialize.ts';
import { float32 } from '../../../../src/tensor/index.ts';
import { createRandom } from '../../../../src/tensor/random.ts';

const SIZE = 16;

describe('augmentation', () => {
  it('blends colours by share and opacity', () => {
    const red = Uint8Array.of(200, 0, 0, 255);
    const clearBlue = Uint8Array.of(0, 0, 200, 0);
    const blue = Uint8Array.of(0, 0, 200, 255);
    expect([...blendDrawings(red, blue, 0.25)]).toEqual([150, 0, 50, 255]);
    expect([...blendDrawings(red, clearBlue, 0.5)]).toEqual([200, 0, 0, 128]);
    expect([...blendDrawings(clearBlue, clearBlue, 0.5)]).toEqual([0, 0, 0, 0]);
  });

  it('without changes is the drawing on white', () => {
    const random = createRandom(0, 'drawing');
    const rgba = Uint8Array.from({ length: SIZE * SIZE * 4 }, () => random.int(256));
    const out = new Float32Array(3 * SIZE * SIZE);
    drawAugmented(rgba, SIZE, UNCHANGED, false, random, out, 0);
    const expected = composite(rgba);
    for (let i = 0; i < SIZE * SIZE; i++) {
      for (let c = 0; c < 3; c++) {
        // The reference rounds to a whole level.
        const level = (out[c * SIZE * SIZE + i]! + 1) * 127.5;
        expect(Math.abs(level - expected[i * 3 + c]!)).toBeLessThan(0.51);
      }
    }
  });

  it('a shift by whole pixels moves the picture', () => {
    const rgba = new Uint8Array(SIZE * SIZE * 4);
    rgba.set([0, 0, 0, 255], (5 * SIZE + 5) * 4);
    const out = new Float32Array(3 * SIZE * SIZE);
    const half = { ...createRandom(0), uniform: (_: number, high: number) => high };
    drawAugmented(rgba, SIZE, { ...UNCHANGED, shift: 2 / SIZE }, false, half, out, 0);
    const dark = [...out.keys()].filter((i) => i < SIZE * SIZE && out[i]! < 0);
    expect(dark).toEqual([7 * SIZE + 7]);
  });

  it('mirrors only what may be mirrored', () => {
    const rgba = new Uint8Array(SIZE * SIZE * 4);
    rgba.set([0, 0, 0, 255], (5 * SIZE + 3) * 4);
    const dark = (mayMirror: boolean): number[] => {
      const out = new Float32Array(3 * SIZE * SIZE);
      drawAugmented(rgba, SIZE, { ...UNCHANGED, mirror: 1 }, mayMirror, createRandom(0), out, 0);
      return [...out.keys()].filter((i) => i < SIZE * SIZE && out[i]! < 0);
    };
    expect(dark(true)).toEqual([5 * SIZE + SIZE - 1 - 3]);
    expect(dark(false)).toEqual([5 * SIZE + 3]);
  });

  it('changes saturation around the luminance, and tints a channel alone', () => {
    const rgba = new Uint8Array(SIZE * SIZE * 4);
    for (let i = 0; i < SIZE * SIZE; i++) rgba.set([200, 100, 50, 255], i * 4);
    const high = { ...createRandom(0), uniform: (_: number, limit: number) => limit };
    const levels = (change: Partial<DrawingAugmentation>): number[] => {
      const out = new Float32Array(3 * SIZE * SIZE);
      drawAugmented(rgba, SIZE, { ...UNCHANGED, ...change }, false, high, out, 0);
      return [0, 1, 2].map((c) => (out[c * SIZE * SIZE]! + 1) * 127.5);
    };
    const luminance = 0.299 * 200 + 0.587 * 100 + 0.114 * 50;
    [200, 100, 50].forEach((value, c) => {
      const expected = luminance + 1.2 * (value - luminance);
      expect(levels({ saturation: 0.2 })[c]).toBeCloseTo(expected, 3);
      expect(levels({ tint: 0.1 })[c]).toBeCloseTo(1.1 * value, 3);
    });
  });

  it('erases one rectangle to the background, and bends without losing the drawing', () => {
    const rgba = new Uint8Array(SIZE * SIZE * 4);
    for (let i = 0; i < SIZE * SIZE; i++) rgba.set([0, 0, 0, 255], i * 4);
    const white = (change: Partial<DrawingAugmentation>): number => {
      const out = new Float32Array(3 * SIZE * SIZE);
      drawAugmented(rgba, SIZE, { ...UNCHANGED, ...change }, false, createRandom(1), out, 0);
      return out.filter((value) => value > 0).length / out.length;
    };
    expect(white({ erase: 1 })).toBeGreaterThan(0.005);
    expect(white({ erase: 1 })).toBeLessThan(0.2);
    expect(white({ warp: 0.1 })).toBeLessThan(0.3);
    expect(white({})).toBe(0);
  });
});

describe('batches for the emoji recipe', () => {
  let folder: string;
  let dataset: EmojiDataset;
  let trained: number[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'siglip2-drawings-'));
    const only = ['1f34e', '1f34f', '1f436', '1f431', '1f44b-1f3fb', '1f44b-1f3ff', '1f44b', '1f30d'];
    const options = { seed: 0, size: SIZE, cacheDir: folder, only, minimumNames: 1 };
    dataset = await buildEmojiDataset({
      ...options,
      locales: ['en', 'de', 'fr'],
      heldOut: { locales: ['fr'] },
    });
    trained = dataset.concepts.filter(({ split }) => split === 'train').map(({ index }) => index);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('drawings: rows of the table, pure in seed and step, values in range', () => {
    const options = { seed: 1, images: 4, skinToneFraction: 1, augmentation: EMOJI_AUGMENTATION };
    const batchAt = drawingBatches(dataset, trained, options);
    const batch = batchAt(3);
    expect(drawingBatches(dataset, trained, options)(3)).toEqual(batch);
    expect(batchAt(4)).not.toEqual(batch);
    expect(new Set(Array.from(batch['image_ids']!.data, Number)).size).toBe(4);
    for (const id of batch['image_ids']!.data) expect(trained[Number(id)]).toBeDefined();
    for (const value of batch['pixel_values']!.data) expect(Math.abs(Number(value))).toBeLessThanOrEqual(1);
  });

  it('the centre of a concept lies between the mean of its drawings and its vector', () => {
    // The first concept's drawings are x and y, the second's z alone.
    const embeddings = float32([3, 3], [1, 0, 0, 0, 0, 1, 0, 1, 0]);
    const drawings = { embeddings, rowsOf: [[0, 2], [1]] };
    const centres = drawingCentres(drawings, float32([2, 3], [0, 0, 1, 0, 0, 1]));
    expect(centres.shape).toEqual([2, 3]);
    [0.5, 0.5, Math.SQRT1_2, 0, 0, 1].forEach((value, i) => {
      expect(centres.data[i]).toBeCloseTo(value, 6);
    });
    const drawn = Array.from({ length: 20 }, (_, i) => [...drawAny(drawings, createRandom(i)).data]);
    expect(new Set(drawn.map((values) => values.join()))).toEqual(new Set(['1,0,0,0,0,1', '0,1,0,0,0,1']));
  });

  it('embeds each drawing as it is, in every style that may be trained on', async () => {
    const tower = { hiddenSize: 8, intermediateSize: 8, layers: 1, heads: 2, layerNormEps: 1e-6 };
    const config: ModelConfig = {
      vision: {
        ...tower,
        kind: 'fixed',
        imageSize: SIZE,
        patchSize: 8,
        channels: 3,
        numPatches: 4,
        useHead: true,
      },
      text: { ...tower, vocabSize: 8, length: 4, projectionSize: 8 },
    };
    const parameters = initializeParameters(twoTowers(config, { images: 1, texts: 1 }).parameters, 0);
    const { embeddings, rowsOf } = await embedDrawings(dataset, trained, config, parameters);
    expect(rowsOf.flat()).toEqual(Array.from({ length: embeddings.shape[0]! }, (_, i) => i));
    const session = await compileWith(imageGraph(config), parameters);
    for (const [i, concept] of trained.entries()) {
      const items = dataset.trainStylesOf(concept).map((style) => ({ concept, style }));
      const pixel_values = drawItems(dataset, items, UNCHANGED, () => createRandom(9));
      const expected = Array.from((await session.run({ pixel_values })).image_embeds!.data, Number);
      expect(rowsOf[i]).toHaveLength(items.length);
      const own = rowsOf[i]!.flatMap((row) => [...embeddings.data.slice(row * 8, (row + 1) * 8)]);
      // Sums over batches of other sizes.
      own.forEach((value, k) => {
        expect(value).toBeCloseTo(expected[k]!, 5);
      });
    }
    await session.dispose();
  });

  it('names: texts of trained locales and concepts only, keyed by concept', () => {
    const seen: string[] = [];
    const tokenizer = {
      encodeBatch(texts: readonly string[]) {
        seen.push(...texts);
        return { data: new Int32Array(texts.length), shape: [texts.length, 1] };
      },
    };
    const rows = Float32Array.from({ length: trained.length * 2 }, (_, i) => i);
    const embeddings = float32([trained.length, 2], rows);
    const options = { seed: 5, texts: 64, keywordProbability: 0.3, skinToneProbability: 0.3 };
    const images = () => embeddings;
    const plain = nameBatches(dataset, tokenizer, trained, { ...options, images })(0);
    expect(plain).not.toHaveProperty('centres');
    expect(plain['image_embeddings']).toBe(embeddings);
    seen.length = 0;
    const centred = { ...options, images, centres: embeddings };
    const { text_ids, centres } = nameBatches(dataset, tokenizer, trained, centred)(0);
    expect(text_ids).toEqual(plain['text_ids']);
    expect([...centres!.data]).toEqual(
      Array.from(text_ids!.data, Number)
        .map((concept) => trained.indexOf(concept))
        .flatMap((row) => [2 * row, 2 * row + 1]),
    );
    expect(seen).toHaveLength(64);
    seen.forEach((text, i) => {
      const concept = Number(text_ids!.data[i]);
      expect(trained).toContain(concept);
      const allowed = ['en', 'de'].flatMap((locale) => {
        const { names, keywords } = dataset.trainTexts.get(locale)!;
        return [names[concept], ...keywords[concept]!];
      });
      expect(allowed).toContain(text);
    });
    expect(new Set(seen).size).toBeGreaterThan(8);
  });
});
