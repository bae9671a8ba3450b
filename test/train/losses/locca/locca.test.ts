import { describe, expect, it } from 'vitest';
import { LOCCA_DECODER, loccaDecoder } from '../../../../src/model/locca/decoder.ts';
import { parameterScope } from '../../../../src/nn/parameters.ts';
import { compile, grad, input, int32, type NdArray } from '../../../../src/tensor/index.ts';
import { type LoccaSettings, locca } from '../../../../src/train/losses/locca/locca.ts';
import { readFixture, relativeError } from '../../../support/fixtures.ts';
import { loccaFixtureConfig as config, type LoccaFixture } from '../../../support/loccaFixture.ts';

function declareImage(fixture: ReadonlyMap<string, NdArray>) {
  return {
    tokens: input('tokens', 'float32', fixture.get('tokens')!.shape),
    mask: input('patches', 'int32', fixture.get('patches')!.shape),
  };
}

/** Loss, metrics and the gradients of every parameter and of the image tokens. */
async function evaluate(name: LoccaFixture, settings: LoccaSettings = {}) {
  const fixture = await readFixture(`locca/${name}.safetensors`);
  const image = declareImage(fixture);
  const { loss, metrics, inputs, parameters } = locca(image, config(name), settings);
  const names = [...parameters.keys()];
  const gradients = grad(loss, [image.tokens, ...names.map((key) => parameters.get(key)!.tensor)]);
  const outputs = {
    loss,
    ...metrics,
    ...Object.fromEntries(['tokens', ...names].map((key, i) => [`gradient.${key}`, gradients[i]!])),
  };
  const weights = fixture.get('decoder_weights')!.data as Float32Array;
  const learnt = Array.from(weights.keys()).filter((i) => weights[i]! > 0);
  const positions = new Int32Array(settings.lossPositions ?? 0);
  positions.set(learnt.slice(0, positions.length));
  const listed = { decoder_positions: int32([positions.length], positions) };
  const session = await compile({ outputs }, { threads: 1 });
  const feeds = Object.fromEntries(
    ['tokens', 'patches', ...names, ...Object.keys(inputs)].map((key) => [
      key,
      key === 'decoder_positions' ? listed.decoder_positions : fixture.get(key)!,
    ]),
  );
  try {
    return { fixture, names, result: await session.run(feeds) };
  } finally {
    await session.dispose();
  }
}

// 1e-4 of each tensor's largest value: float32 against float64, two blocks deep; typical errors are 1e-6.
const TOLERANCE = 1e-4;

async function expectParity(name: LoccaFixture, settings: LoccaSettings = {}) {
  const { fixture, names, result } = await evaluate(name, settings);
  const stored = [...fixture.keys()].filter((key) => key.startsWith('decoder.'));
  expect(names.toSorted()).toEqual(stored.toSorted());
  expect(relativeError(result['loss'], fixture.get('loss'))).toBeLessThan(1e-5);
  const tasks = fixture.get('tasks')!.data;
  ['captioning', 'referring', 'groundedCaptioning'].forEach((task, k) => {
    expect(Number(result[task]!.data[0]), task).toBeCloseTo(Number(tasks[k]), 4);
  });
  for (const key of ['tokens', ...names]) {
    const reference = fixture.get(`gradient.${key}`)!;
    // The bias of a key projection shifts every score of a query alike: its true gradient is 0 and both sides hold
    // rounding noise.
    const largest = Math.max(...Array.from(reference.data as Float32Array, Math.abs));
    const noise = key.endsWith('k_proj.bias') ? 1e-6 : 0;
    const error = relativeError(result[`gradient.${key}`], reference);
    expect(largest < noise ? 0 : error, key).toBeLessThan(TOLERANCE);
  }
}

describe('LocCa', () => {
  it('equals PyTorch: wider image tokens, padding, two captions in parallel, blocks of 5 positions', () =>
    expectParity('untied', { rows: 5 }));

  it('equals PyTorch: no biases, tied projection, all causal', () => expectParity('tied'));

  it('computes logits of the listed positions only, with the same result', () =>
    // 28 positions have a weight; the rest of the list is padding.
    expectParity('untied', { lossPositions: 33, rows: 8 }));

  it('gives the hidden states of PyTorch, with the fused kernels and without', async () => {
    const fixture = await readFixture('locca/untied.safetensors');
    const table = new Map();
    const texts = {
      ids: input('decoder_ids', 'int32', [6, 7]),
      parallel: input('decoder_parallel', 'int32', [6]),
    };
    const hidden = loccaDecoder(
      parameterScope(table, LOCCA_DECODER),
      texts,
      declareImage(fixture),
      config('untied'),
    );
    const keys = ['tokens', 'patches', 'decoder_ids', 'decoder_parallel', ...table.keys()];
    const feeds = Object.fromEntries(keys.map((key) => [key, fixture.get(key)!]));
    for (const fused of [true, false]) {
      const session = await compile({ outputs: { hidden }, options: { fused } }, { threads: 1 });
      const result = await session.run(feeds);
      await session.dispose();
      expect(relativeError(result['hidden'], fixture.get('hidden'))).toBeLessThan(TOLERANCE);
    }
  });

  it('weighs tasks, and averages texts first where asked', async () => {
    const settings = { taskWeights: { referring: 0.5, groundedCaptioning: 0 }, average: 'texts' } as const;
    const { fixture, result } = await evaluate('untied', settings);
    const tasks = Array.from(fixture.get('tasks.texts')!.data, Number);
    expect(Number(result['referring']!.data[0])).toBeCloseTo(tasks[1]!, 4);
    expect(Number(result['loss']!.data[0])).toBeCloseTo(tasks[0]! + 0.5 * tasks[1]!, 4);
  });

  it('refuses tasks named twice, or none', () => {
    const tokens = input('tokens', 'float32', [2, 5, 24]);
    expect(() => locca({ tokens }, config('untied'), { tasks: [] })).toThrow(
      /locca.tasks is \[\]; it must be a list of at least 1/,
    );
    const tasks = ['captioning', 'captioning'] as const;
    expect(() => locca({ tokens }, config('untied'), { tasks })).toThrow(/captioning, captioning/);
  });
});
