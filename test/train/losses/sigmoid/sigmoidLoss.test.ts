import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/checkpoint/huggingFace/config.ts';
import { normalize, twoTowers } from '../../../../src/model/twoTowers.ts';
import { compile, float32, grad, input, int32, type Tensor } from '../../../../src/tensor/index.ts';
import { sigmoidLoss } from '../../../../src/train/losses/sigmoid/sigmoidLoss.ts';
import { readBy } from '../../../support/arrays.ts';
import { fixturePath, readFixture, relativeError } from '../../../support/fixtures.ts';

async function lossAndGradients(fixture: string, rows: number | undefined, withIds: boolean) {
  const expected = await readFixture(`loss/${fixture}.safetensors`);
  const declare = (name: string) => input(name, 'float32', expected.get(name)!.shape);
  const [x, y, logitScale, logitBias] = [
    declare('x'),
    declare('y'),
    declare('log_temperature'),
    declare('bias'),
  ];
  const ids = withIds
    ? {
        images: input('imageIds', 'int32', [x.shape[0]!]),
        texts: input('owner', 'int32', [y.shape[0]!]),
      }
    : undefined;
  const loss = sigmoidLoss(
    { images: normalize(x), texts: normalize(y), logitScale, logitBias },
    { ids, rows },
  );
  const [dx, dy, dt, db] = grad(loss, [x, y, logitScale, logitBias]) as [Tensor, Tensor, Tensor, Tensor];
  const session = await compile({
    outputs: {
      loss,
      'gradient.x': dx,
      'gradient.y': dy,
      'gradient.log_temperature': dt,
      'gradient.bias': db,
    },
  });
  const count = expected.get('x')!.shape[0]!;
  const feeds = {
    x: expected.get('x')!,
    y: expected.get('y')!,
    log_temperature: expected.get('log_temperature')!,
    bias: expected.get('bias')!,
    ...(withIds && {
      imageIds: int32(
        [count],
        Array.from({ length: count }, (_, i) => i),
      ),
      owner: int32([expected.get('owner')!.data.length], Array.from(expected.get('owner')!.data, Number)),
    }),
  };
  const result = await session.run(feeds);
  await session.dispose();
  return Object.fromEntries(
    Object.entries(result).map(([key, value]) => [key, relativeError(value, expected.get(key))]),
  );
}

describe('sigmoid loss', () => {
  // 1e-5: a few dozen float32 terms summed in another order.
  it.each([undefined, 5, 1])('equals PyTorch, value and gradients, in blocks of %s rows', async (rows) => {
    const errors = await lossAndGradients('pairs', rows, false);
    for (const [key, error] of Object.entries(errors)) expect(error, key).toBeLessThan(1e-5);
  });

  it.each([undefined, 4])('takes several texts per image, in blocks of %s rows', async (rows) => {
    const errors = await lossAndGradients('several_texts', rows, true);
    for (const [key, error] of Object.entries(errors)) expect(error, key).toBeLessThan(1e-5);
  });

  it('starts at the closed-form value for orthogonal embeddings', async () => {
    // 64 orthogonal pairs, t = 10, b = −10: softplus(0 · …) for the positive is softplus(10 − 10·1) … (SigLIP §2.1).
    const n = 64;
    const identity = Float32Array.from({ length: n * 2 * n }, (_, i) =>
      i % (2 * n) === Math.floor(i / (2 * n)) ? 1 : 0,
    );
    const shifted = Float32Array.from({ length: n * 2 * n }, (_, i) =>
      i % (2 * n) === n + Math.floor(i / (2 * n)) ? 1 : 0,
    );
    const images = input('images', 'float32', [n, 2 * n]);
    const texts = input('texts', 'float32', [n, 2 * n]);
    const logitScale = input('t', 'float32', [1]);
    const logitBias = input('b', 'float32', [1]);
    const session = await compile({
      outputs: { loss: sigmoidLoss({ images, texts, logitScale, logitBias }) },
    });
    const { loss } = await session.run({
      images: float32([n, 2 * n], identity),
      texts: float32([n, 2 * n], shifted),
      t: float32([1], [Math.log(10)]),
      b: float32([1], [-10]),
    });
    const expected = Math.log1p(Math.exp(10)) + (n - 1) * Math.log1p(Math.exp(-10));
    expect(Number(loss!.data[0])).toBeCloseTo(expected, 4);
    await session.dispose();
  });

  it('rejects batches that are no pairs', () => {
    const [a, b] = [input('a', 'float32', [2, 4]), input('b', 'float32', [3, 4])];
    const s = input('s', 'float32', [1]);
    expect(() => sigmoidLoss({ images: a, texts: b, logitScale: s, logitBias: s })).toThrow(/pass ids/);
  });
});

describe('gradients of the whole model', () => {
  it('equal PyTorch for every parameter', async () => {
    const config = parseConfig(
      JSON.parse(await readFile(fixturePath('model/tiny-fixed/config.json'), 'utf8')),
    );
    const weights = await readFixture('model/tiny-fixed/model.safetensors');
    const expected = await readFixture('loss/model_gradients.safetensors');
    const batch = expected.get('pixel_values')!.shape[0]!;
    const model = twoTowers(config, { images: batch, texts: batch });
    const { imageEmbeddings, textEmbeddings, logitScale, logitBias } = model;
    const loss = sigmoidLoss({ images: imageEmbeddings, texts: textEmbeddings, logitScale, logitBias });
    const names = [...model.parameters.keys()];
    const gradients = grad(
      loss,
      names.map((name) => model.parameters.get(name)!.tensor),
    );
    const outputs = Object.fromEntries(names.map((name, i) => [`gradient.${name}`, gradients[i]!]));
    const session = await compile({ outputs: { loss, ...outputs } });
    // Of the last text block no key's bias is read: see nn/singleQuery.ts.
    const feeds = Object.fromEntries([...weights, ...expected]);
    const result = await session.run(readBy(session, feeds));
    await session.dispose();
    expect(relativeError(result['loss'], expected.get('loss'))).toBeLessThan(1e-5);
    for (const name of names) {
      const reference = expected.get(`gradient.${name}`)!;
      // The bias of a key projection shifts every score of a query alike: its true gradient is 0 and both sides
      // hold rounding noise, so it is compared with the scale of the projection's other gradients.
      const noise = name.endsWith('k_proj.bias') ? 1e-6 : 0;
      const error = relativeError(result[`gradient.${name}`], reference);
      const largest = Math.max(...Array.from(reference.data as Float32Array, Math.abs));
      expect(largest < noise ? 0 : error, name).toBeLessThan(1e-4);
    }
  });
});
