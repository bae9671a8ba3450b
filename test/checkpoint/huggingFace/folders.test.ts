import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openModelDirectory } from '../../../src/checkpoint/huggingFace/directory.ts';
import { trimModel } from '../../../src/checkpoint/trimModel.ts';
import { load } from '../../../src/encoder/load.ts';
import { imageFeeds } from '../../../src/input/image/imageSource.ts';
import { loadTokenizer } from '../../../src/input/text/tokenizer/loadTokenizer.ts';
import type { NdArray } from '../../../src/tensor/index.ts';
import { temporaryDirectory } from '../temporary.ts';
import { picture, table, writeFolder } from './folderTable.ts';

const root = temporaryDirectory();

const sha256 = ({ data }: NdArray): string =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');

/** Rows of a matrix, each of length `width`. */
const rowsOf = (data: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: data.length / width }, (_, i) => Array.from(data).slice(i * width, (i + 1) * width));

const largestDifference = (a: readonly number[][], b: readonly number[][]): number =>
  Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - b[i]![j]!))));

test('the table has at least thirty folders', () => {
  expect(table.folders.length).toBeGreaterThanOrEqual(30);
});

describe('a folder that transformers loads gives the same values', () => {
  test.each(table.folders.map(({ name }, index) => [name, index] as const))('%s', async (_, index) => {
    const { expected, sizes } = table.folders[index]!;
    const path = writeFolder(root, index);
    const model = await openModelDirectory(path);
    await model.weights.close();
    const images = sizes.map(picture);
    const pixels = imageFeeds(images, model.preprocessor);
    expect(pixels['pixel_values']!.shape).toEqual(expected.pixelShape);
    expect(Array.from({ length: 4 }, (_, i) => pixels['pixel_values']!.data[i])).toEqual(
      expected.firstPixels,
    );
    expect(sha256(pixels['pixel_values']!)).toBe(expected.pixelSha256);
    if (expected.spatialShapes)
      expect(rowsOf(pixels['spatial_shapes']!.data as Int32Array, 2)).toEqual(expected.spatialShapes);

    const { length, vocabSize } = model.config.text;
    const tokenizer = await loadTokenizer(join(path, 'tokenizer.json'), { length, vocabSize });
    const known = table.texts.flatMap((text, i) => (expected.known[i] ? [{ text, i }] : []));
    for (const { text, i } of known) {
      const ids = expected.inputIds[i]!;
      expect(Array.from(tokenizer.encode(text))).toEqual([...ids, ...new Array(length - ids.length).fill(0)]);
    }

    // Equal pixels and ids give equal embeddings, unless the model is another.
    const { files, weights } = table.folders[index]!;
    if (index > 1 && !files['config.json'] && !weights) return;
    const encoder = await load(path);
    try {
      expect(encoder.logitScalars.logTemperature).toBe(expected.logitScale);
      expect(encoder.logitScalars.bias).toBe(expected.logitBias);
      const imageEmbeds = await encoder.embedImages(images);
      expect(largestDifference(rowsOf(imageEmbeds.data, encoder.width), expected.imageEmbeds)).toBeLessThan(
        2e-5,
      );
      const textEmbeds = await encoder.embedTexts(known.map(({ text }) => text));
      expect(largestDifference(rowsOf(textEmbeds.data, encoder.width), expected.textEmbeds)).toBeLessThan(
        2e-5,
      );
      // Texts with a token that the model has no row for stop torch; here it is read as text.
      const others = table.texts.filter((_, i) => !expected.known[i]);
      if (others.length > 0) {
        const embedded = await encoder.embedTexts(others);
        expect(embedded.data.every(Number.isFinite)).toBe(true);
        expect(Math.max(...tokenizer.encodeBatch(others).data)).toBeLessThan(vocabSize);
      }
    } finally {
      await encoder.dispose();
    }
  });
});

test.each([
  'special tokens that tokenizer_config.json alone names',
  'saved again with tokens that were added and embedded, naflex',
  'an added token under another number',
])('trimming keeps what its texts use: %s', async (name) => {
  const index = table.folders.findIndex((folder) => folder.name === name);
  const path = join(root, `trimmed-${index}`);
  const full = writeFolder(root, index, 'full-');
  const model = await openModelDirectory(full);
  const texts = ['cats foo', 'a Bar<T> of <mask>'];
  await trimModel(model, texts, path);
  await model.weights.close();
  const [before, after] = [await load(full), await load(path)];
  try {
    expect(after.config.text.vocabSize).toBeLessThan(before.config.text.vocabSize);
    expect((await after.embedTexts(texts)).data).toEqual((await before.embedTexts(texts)).data);
  } finally {
    await Promise.all([before.dispose(), after.dispose()]);
  }
});
