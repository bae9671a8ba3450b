import { describe, expect, it } from 'vitest';
import {
  type Arrays,
  add,
  compile,
  grad,
  type NdArray,
  type Tensor,
  zeros,
} from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { stageObjective } from '../../../src/train/timeline/stageObjective.ts';
import { readBy } from '../../support/arrays.ts';
import { tinyTimeline } from './tinyTimeline.ts';

const timeline = tinyTimeline();
const distilled = timeline.stages[1]!;
const { parameters, inputs, carried, loss, metrics } = stageObjective(timeline, distilled, { images: 4 });
const plain = stageObjective(timeline, timeline.stages[0], { images: 4 });

/** Numbers that differ everywhere, so that no gradient vanishes by chance; ids below every size. */
function draw(name: string, { dtype, shape }: Tensor): NdArray {
  const array = zeros(dtype, shape as number[]);
  const random = createRandom(5, name);
  const [rows = 1] = shape as number[];
  for (let i = 0; i < array.data.length; i++) {
    if (name === 'image_ids' || name === 'text_ids') array.data[i] = i;
    else if (name === 'masked_positions') array.data[i] = i % (array.data.length / rows);
    else if (name === 'decoder_weights') array.data[i] = 1;
    else array.data[i] = dtype === 'int32' ? random.int(2) : 0.5 * random.normal();
  }
  return array;
}

const feeds: Arrays = Object.fromEntries(
  [
    ...Object.entries(inputs),
    ...[...parameters].map(([name, { tensor }]) => [name, tensor] as const),
    ...[...carried!].map(([name, { tensor }]) => [name, tensor] as const),
  ].map(([name, tensor]) => [name, draw(name, tensor)]),
);

/** Gradients of a loss of an objective by parameter. */
async function gradients(of: Tensor, table: typeof parameters): Promise<Map<string, NdArray>> {
  const names = [...table.keys()];
  const found = grad(
    of,
    names.map((name) => table.get(name)!.tensor),
  );
  const session = await compile({
    outputs: Object.fromEntries(names.map((name, i) => [`gradient.${name}`, found[i]!])),
  });
  const results = await session.run(readBy(session, feeds));
  await session.dispose();
  return new Map(names.map((name) => [name, results[`gradient.${name}`]!]));
}

const isZero = ({ data }: NdArray): boolean => (data as Float32Array).every((value) => value === 0);
const outsideVision = (name: string): boolean => /^(text_model|decoder|logit_)/.test(name);

describe('the losses together', () => {
  it('self-distillation and masked prediction give text tower, decoder and scalars exactly no gradient', async () => {
    const views = await gradients(
      add(metrics['selfDistillation']!, metrics['maskedPrediction']!),
      parameters,
    );
    const outside = [...views.keys()].filter(outsideVision);
    expect(outside.some((name) => name.startsWith('text_model.encoder'))).toBe(true);
    expect(outside.some((name) => name.startsWith('decoder.layers'))).toBe(true);
    for (const name of outside) expect(isZero(views.get(name)!), name).toBe(true);
    for (const name of ['vision_model.encoder.layers.0.mlp.fc1.weight', 'masked_prediction_head.mask_token'])
      expect(isZero(views.get(name)!), name).toBe(false);
  });

  it('text tower and decoder learn to the bit what they learn without them; the vision tower learns more', async () => {
    const [all, without] = [await gradients(loss, parameters), await gradients(plain.loss, plain.parameters)];
    for (const [name, array] of without) {
      if (outsideVision(name)) expect(all.get(name)!.data, name).toEqual(array.data);
    }
    expect(isZero(without.get('decoder.layers.0.cross_attn.q_proj.weight')!)).toBe(false);
    const shared = 'vision_model.encoder.layers.0.mlp.fc1.weight';
    expect(all.get(shared)!.data).not.toEqual(without.get(shared)!.data);
  });

  it('are reported by name, and add up with the weights of the paper', async () => {
    const names = ['sigmoid', 'locca', 'captioning', 'referring', 'groundedCaptioning'];
    expect(Object.keys(metrics)).toEqual(
      expect.arrayContaining([...names, 'selfDistillation', 'maskedPrediction']),
    );
    const session = await compile({ outputs: { loss, ...metrics } });
    const results = await session.run(readBy(session, feeds));
    await session.dispose();
    const value = (name: string) => Number(results[name]!.data[0]);
    // Base: a quarter of distillation and a quarter of masked prediction (§2.3); all else 1:1 (§2.2).
    const views = 0.25 * (value('selfDistillation') + 0.25 * value('maskedPrediction'));
    expect(value('loss')).toBeCloseTo(value('sigmoid') + value('locca') + views, 4);
    expect(value('locca')).toBeCloseTo(
      names.slice(2).reduce((sum, name) => sum + value(name), 0),
      4,
    );
  });
});
