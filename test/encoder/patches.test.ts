import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { load } from '../../src/encoder/load.ts';
import { splitPatches } from '../../src/encoder/towers/patches.ts';
import { rgbImage } from '../../src/input/image/rgbImage.ts';
import { initializeParameters } from '../../src/nn/initialize.ts';
import { mapHead, mapHeadPerToken } from '../../src/nn/mapHead.ts';
import { type ParameterTable, parameterScope } from '../../src/nn/parameters.ts';
import { compile, float32, input, reshape } from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { saveTinyModel, temporaryFolder } from '../cli/models.ts';
import { normals } from '../support/arrays.ts';

const noise = (seed: number, width: number, height: number) => {
  const random = createRandom(seed, 'test-image');
  return rgbImage(
    width,
    height,
    Uint8Array.from({ length: width * height * 3 }, () => random.int(256)),
  );
};

it('the head of each token is the head of a sequence of that token alone', async () => {
  const config = { hiddenSize: 8, intermediateSize: 12, heads: 2, layerNormEps: 1e-6 };
  const table: ParameterTable = new Map();
  const scope = parameterScope(table);
  const tokens = input('tokens', 'float32', [2, 3, 8]);
  const session = await compile({
    outputs: {
      perToken: mapHeadPerToken(scope, tokens, config),
      alone: mapHead(scope, reshape(tokens, [6, 1, 8]), config),
    },
  });
  const random = createRandom(0, 'head');
  const draw = (shape: readonly number[]) => normals(random, shape);
  const parameters = [...initializeParameters(table, 0)].map(
    ([name, { shape }]) => [name, draw(shape)] as const,
  );
  const { perToken, alone } = await session.run({
    ...Object.fromEntries(parameters),
    tokens: draw([2, 3, 8]),
  });
  expect(perToken!.shape).toEqual([2, 3, 8]);
  alone!.data.forEach((value, i) => {
    expect(perToken!.data[i]).toBeCloseTo(Number(value), 4);
  });
  await session.dispose();
});

describe.each(['fixed', 'naflex'] as const)('patches, %s', (kind) => {
  let encoder: Encoder;
  let directory: string;
  beforeAll(async () => {
    directory = await saveTinyModel(temporaryFolder(), kind);
    encoder = await load(directory, { imageBatch: 2 });
  });
  afterAll(() => encoder.dispose());

  it('are a grid of unit vectors without padding, in the order of the images', async () => {
    const images = [noise(0, 40, 10), noise(1, 10, 40), noise(2, 20, 20)];
    const all = await encoder.embedPatches(images);
    expect(all).toHaveLength(3);
    for (const [i, { rows, columns, embeddings, patchHeight, patchWidth }] of all.entries()) {
      expect(embeddings.shape).toEqual([rows * columns, encoder.width]);
      for (let patch = 0; patch < rows * columns; patch++) {
        const vector = embeddings.data.subarray(patch * encoder.width, (patch + 1) * encoder.width);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      }
      expect(rows * patchHeight).toBeCloseTo(1);
      expect(columns * patchWidth).toBeCloseTo(1);
      const [alone] = await encoder.embedPatches([images[i]!]);
      expect(alone!.embeddings.data.every((x, k) => Math.abs(x - embeddings.data[k]!) < 1e-5)).toBe(true);
    }
    const shapes = all.map(({ rows, columns }) => Math.sign(columns - rows));
    expect(shapes).toEqual(kind === 'naflex' ? [1, -1, 0] : [0, 0, 0]);
  });

  // A fixed model has images of one size only.
  if (kind === 'naflex')
    it('of an image of one patch are the image’s embedding', async () => {
      const small = await load(directory, { maxNumPatches: 1 });
      const image = noise(3, 12, 12);
      const [patches] = await small.embedPatches([image]);
      const whole = await small.embedImages([image]);
      expect([patches!.rows, patches!.columns]).toEqual([1, 1]);
      whole.data.forEach((value, k) => {
        expect(patches!.embeddings.data[k]).toBeCloseTo(value, 5);
      });
      await small.dispose();
    });
});

it('a fixed model that does not read the edges says so', () => {
  const config = {
    kind: 'fixed',
    imageSize: 384,
    patchSize: 14,
    numPatches: 729,
    channels: 3,
    useHead: true,
    hiddenSize: 2,
    intermediateSize: 2,
    layers: 1,
    heads: 1,
    layerNormEps: 1e-6,
  } as const;
  const [grid] = splitPatches(float32([1, 729, 2], new Float32Array(1458)), {}, config);
  expect([grid!.rows, grid!.columns]).toEqual([27, 27]);
  expect(grid!.rows * grid!.patchHeight).toBeCloseTo(378 / 384);
});
