import { describe, expect, it } from 'vitest';
import { antialiasedResizeMatrix } from '../../src/input/image/resize/resizeMatrix.ts';
import type { FixedVisionConfig } from '../../src/model/config.ts';
import { flatRows, maskOfRows, type PatchMasking } from '../../src/model/patchMasking.ts';
import { resizedPositions } from '../../src/model/resizedPositions.ts';
import { type FixedVisionOptions, fixedVisionTower } from '../../src/model/visionTower.ts';
import { initializeParameters } from '../../src/nn/initialize.ts';
import { type ParameterTable, parameterScope } from '../../src/nn/parameters.ts';
import { type Arrays, compile, input, int32, type NdArray, type Tensor } from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { normals } from '../support/arrays.ts';

const CONFIG: FixedVisionConfig = {
  kind: 'fixed',
  hiddenSize: 8,
  intermediateSize: 12,
  layers: 1,
  heads: 2,
  layerNormEps: 1e-6,
  patchSize: 2,
  channels: 3,
  imageSize: 8,
  numPatches: 16,
  useHead: true,
};

const drawn = (name: string, shape: readonly number[]) => normals(createRandom(5, name), shape);

async function evaluate(outputs: Readonly<Record<string, Tensor>>, feeds: Arrays): Promise<Arrays> {
  const session = await compile({ outputs }, { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

/** The tower's outputs for images of one size. */
async function run(size: number, options: FixedVisionOptions, extra: Arrays = {}) {
  const table: ParameterTable = new Map();
  const pixels = input('pixels', 'float32', [2, 3, size, size]);
  const { embeddings, tokens, pooled } = fixedVisionTower(parameterScope(table), pixels, CONFIG, options);
  const parameters = Object.fromEntries(initializeParameters(table, 1));
  const feeds = { ...parameters, pixels: drawn(`pixels ${size}`, [2, 3, size, size]), ...extra };
  return { parameters, outputs: await evaluate({ embeddings, tokens, pooled }, feeds) };
}

const numbers = (array: NdArray | undefined): number[] => Array.from(array!.data, Number);

describe('positions of another grid', () => {
  it.each([
    [3, 3],
    [2, 2],
    [1, 1],
    [7, 7],
    [2, 5],
  ])('%i × %i: the separable antialiased resize', async (rows, columns) => {
    const grid = input('grid', 'float32', [16, 8]);
    const values = drawn('grid', [16, 8]);
    const { y } = await evaluate({ y: resizedPositions(grid, rows, columns) }, { grid: values });
    const [vertical, horizontal] = [antialiasedResizeMatrix(4, rows), antialiasedResizeMatrix(4, columns)];
    const expected = Array.from({ length: rows * columns * 8 }, (_, i) => {
      const [row, column, channel] = [Math.floor(i / (8 * columns)), Math.floor(i / 8) % columns, i % 8];
      let total = 0;
      for (let a = 0; a < 4; a++) {
        for (let b = 0; b < 4; b++) {
          total +=
            vertical[row * 4 + a]! * horizontal[column * 4 + b]! * values.data[(a * 4 + b) * 8 + channel]!;
        }
      }
      return total;
    });
    numbers(y).forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5);
    });
  });

  it("of the model's own size are the embedding itself", () => {
    const grid = input('grid', 'float32', [16, 8]);
    expect(resizedPositions(grid, 4, 4)).toBe(grid);
  });

  it('are only resized when asked: a wrong image size stays an error', () => {
    const pixels = input('pixels', 'float32', [1, 3, 6, 6]);
    const scope = () => parameterScope(new Map());
    expect(() => fixedVisionTower(scope(), pixels, CONFIG)).toThrow(/add/);
    expect(fixedVisionTower(scope(), pixels, CONFIG, { resizePositions: true }).tokens.shape).toEqual([
      1, 9, 8,
    ]);
  });

  it('pixels past the last whole patch are not read', async () => {
    const { outputs } = await run(7, { resizePositions: true });
    expect(outputs['embeddings']!.shape).toEqual([2, 9, 8]);
  });
});

describe('masked patches', () => {
  const positions = int32([2, 3], [0, 5, 15, 1, 2, 7]);
  const token = drawn('token', [8]);

  const masking = (place: PatchMasking['place']): PatchMasking => ({
    token: input('token', 'float32', [8]),
    masked: maskOfRows(flatRows(input('positions', 'int32', [2, 3]), 16), 2, 16),
    place,
  });

  it.each(['beforePositions', 'afterPositions'] as const)('hold the token, %s', async (place) => {
    const plain = await run(8, {});
    const hidden = await run(8, { masking: masking(place) }, { token, positions });
    const learned = plain.parameters['embeddings.position_embedding.weight']!;
    const isMasked = (image: number, patch: number) =>
      [...positions.data.subarray(image * 3, image * 3 + 3)].includes(patch);
    numbers(hidden.outputs['embeddings']).forEach((value, i) => {
      const [image, patch, channel] = [Math.floor(i / 128), Math.floor(i / 8) % 16, i % 8];
      const position = place === 'beforePositions' ? learned.data[patch * 8 + channel]! : 0;
      const expected = isMasked(image, patch)
        ? token.data[channel]! + position
        : numbers(plain.outputs['embeddings'])[i]!;
      expect(value).toBeCloseTo(expected, 6);
    });
    expect(numbers(hidden.outputs['pooled'])).not.toEqual(numbers(plain.outputs['pooled']));
  });
});
