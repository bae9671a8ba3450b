import { describe, expect, it } from 'vitest';
import {
  bagOfWords,
  conceptTableObjective,
  trainedConcepts,
} from '../../../../datasets/emoji/objectives/conceptTable.ts';
import { lockedImagesObjective } from '../../../../datasets/emoji/objectives/lockedImages.ts';
import { imageGraph, textGraph } from '../../../../src/encoder/towers/graphs.ts';
import type { ModelConfig } from '../../../../src/model/config.ts';
import { compileWith } from '../../../../src/nn/compileWith.ts';
import { float32, int32, type NdArray } from '../../../../src/tensor/index.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import { createStep } from '../../../../src/train/step/createStep.ts';
import { PAPER_OPTIMIZER } from '../../../../src/train/step/optimizer/config.ts';
import { initialState } from '../../../../src/train/step/state/state.ts';
import { normals } from '../../../support/arrays.ts';

const tower = { hiddenSize: 16, intermediateSize: 32, layers: 1, heads: 2, layerNormEps: 1e-6 };
const config: ModelConfig = {
  vision: { ...tower, kind: 'fixed', imageSize: 8, patchSize: 4, channels: 3, numPatches: 4, useHead: true },
  text: { ...tower, vocabSize: 20, length: 4, projectionSize: 16 },
};
const random = createRandom(0, 'stage objectives');
const draw = (shape: readonly number[]) => normals(random, shape);

type State = ReadonlyMap<string, NdArray<'float32'>>;

/** Rows of unit length. */
function unit({ data, shape }: NdArray): number[][] {
  const [rows, width] = shape as [number, number];
  return Array.from({ length: rows }, (_, r) => {
    const row = Array.from(data.slice(r * width, (r + 1) * width), Number);
    const norm = Math.hypot(...row);
    return row.map((value) => value / norm);
  });
}

/** (1/N) Σ softplus(−z·l) in double precision, straight from the definition. */
function plainLoss(
  rows: number[][],
  columns: number[][],
  state: State,
  match: (r: number, c: number) => boolean,
) {
  const [scale, bias] = ['logit_scale', 'logit_bias'].map((name) => state.get(name)!.data[0]!);
  let sum = 0;
  rows.forEach((row, r) => {
    columns.forEach((column, c) => {
      const cosine = row.reduce((total, value, i) => total + value * column[i]!, 0);
      const logit = Math.exp(scale!) * cosine + bias!;
      sum += Math.log1p(Math.exp(match(r, c) ? -logit : logit));
    });
  });
  return sum / rows.length;
}

describe('bagOfWords', () => {
  it('weighs each word of a name of k words by 1/√k, and shares words among names', () => {
    const bag = bagOfWords(['woman: dark skin tone', 'Woman', '🌞']);
    expect(bag.shape).toEqual([3, 5]);
    expect(Array.from(bag.data)).toEqual([0.5, 0.5, 0.5, 0.5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });
});

describe('conceptTableObjective', () => {
  const names = ['red apple', 'green apple', 'fire engine'];
  const objective = conceptTableObjective(config, 2, names);
  const batch = { pixel_values: draw([2, 3, 8, 8]), image_ids: int32([2], [2, 0]) };

  it('is the sigmoid loss against the mean of the words plus each concept’s own vector', async () => {
    const state = initialState(objective, 1);
    const session = await compileWith(imageGraph(config), state);
    const { image_embeds } = await session.run({ pixel_values: batch.pixel_values });
    await session.dispose();
    const [words, own] = ['words', 'own'].map((name) => state.get(`concept_table.${name}`)!.data);
    const table = new Float32Array(own!);
    // red, apple, green, fire, engine
    [
      [0, 1],
      [2, 1],
      [3, 4],
    ].forEach((parts, row) => {
      for (const word of parts)
        for (let i = 0; i < 16; i++) table[row * 16 + i]! += words![word * 16 + i]! / Math.sqrt(2);
    });
    const step = await createStep(objective, PAPER_OPTIMIZER, state);
    const { loss } = await step.run(batch, 0, 1);
    await step.dispose();
    const ids = batch.image_ids.data;
    const expected = plainLoss(
      unit(image_embeds!),
      unit(float32([3, 16], table)),
      state,
      (r, c) => ids[r] === c,
    );
    // Single precision against double.
    expect(loss).toBeCloseTo(expected, 4);
  });

  it('gives back the vectors that were trained', async () => {
    const state = initialState(objective, 3);
    const { data, shape } = await trainedConcepts(state, names, 16);
    expect(shape).toEqual([3, 16]);
    const [words, own] = ['words', 'own'].map((name) => state.get(`concept_table.${name}`)!.data);
    // 'green apple': the table's words are numbered as they come, red, apple, green, fire, engine.
    const green = Array.from(
      { length: 16 },
      (_, i) => own![16 + i]! + (words![32 + i]! + words![16 + i]!) / Math.SQRT2,
    );
    const length = Math.hypot(...green);
    green.forEach((value, i) => {
      expect(data[16 + i]).toBeCloseTo(value / length, 5);
    });
  });

  it('learns', async () => {
    const step = await createStep(
      objective,
      { ...PAPER_OPTIMIZER, learningRate: 1e-2 },
      initialState(objective, 1),
    );
    const losses: number[] = [];
    for (let i = 0; i < 30; i++) losses.push((await step.run(batch, i, 1)).loss);
    await step.dispose();
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
  });
});

describe('lockedImagesObjective', () => {
  it('is the sigmoid loss of the texts against given embeddings, per text', async () => {
    const objective = lockedImagesObjective(config, { texts: 3, images: 2 });
    expect([...objective.parameters.keys()].filter((name) => name.startsWith('vision'))).toEqual([]);
    const state = initialState(objective, 2);
    const images = unit(draw([2, 16]));
    const batch = {
      image_embeddings: float32([2, 16], images.flat()),
      image_ids: int32([2], [7, 8]),
      input_ids: int32([3, 4], [3, 4, 1, 0, 5, 1, 0, 0, 9, 9, 9, 1]),
      text_ids: int32([3], [8, 7, 8]),
    };
    const session = await compileWith(textGraph(config), state);
    const { text_embeds } = await session.run({ input_ids: batch.input_ids });
    await session.dispose();
    const step = await createStep(objective, PAPER_OPTIMIZER, state);
    const { loss } = await step.run(batch, 0, 1);
    await step.dispose();
    const expected = plainLoss(
      unit(text_embeds!),
      images,
      state,
      (r, c) => batch.text_ids.data[r] === batch.image_ids.data[c],
    );
    expect(loss).toBeCloseTo(expected, 4);
  });

  describe('with attraction', () => {
    const objective = lockedImagesObjective(config, { texts: 2, images: 2, attraction: 5 });
    const images = float32([2, 16], unit(draw([2, 16])).flat());
    const batch = {
      image_embeddings: images,
      image_ids: int32([2], [0, 1]),
      input_ids: int32([2, 4], [3, 4, 1, 0, 5, 1, 0, 0]),
      text_ids: int32([2], [0, 1]),
      centres: float32([2, 16], unit(draw([2, 16])).flat()),
    };

    it('adds that much of the mean distance, 1 − cos, between each text and its centre', async () => {
      const state = initialState(objective, 2);
      const session = await compileWith(textGraph(config), state);
      const texts = unit((await session.run({ input_ids: batch.input_ids })).text_embeds!);
      await session.dispose();
      const step = await createStep(objective, PAPER_OPTIMIZER, state);
      const { loss, metrics } = await step.run(batch, 0, 1);
      await step.dispose();
      const cosine = (r: number) =>
        texts[r]!.reduce((sum, value, i) => sum + value * batch.centres.data[r * 16 + i]!, 0);
      const distance = 1 - (cosine(0) + cosine(1)) / 2;
      const sigmoid = plainLoss(texts, unit(images), state, (r, c) => r === c);
      expect(metrics['distance']).toBeCloseTo(distance, 5);
      expect(metrics['sigmoid']).toBeCloseTo(sigmoid, 4);
      expect(loss).toBeCloseTo(sigmoid + 5 * distance, 4);
    });

    it('draws the texts to their centres', async () => {
      // Strong enough to win over the sigmoid loss, whose images lie elsewhere than the centres here.
      const strong = lockedImagesObjective(config, { texts: 2, images: 2, attraction: 100 });
      const step = await createStep(
        strong,
        { ...PAPER_OPTIMIZER, learningRate: 1e-2 },
        initialState(strong, 1),
      );
      const distances: number[] = [];
      for (let i = 0; i < 60; i++) distances.push((await step.run(batch, i, 1)).metrics['distance']!);
      await step.dispose();
      expect(distances.at(-1)!).toBeLessThan(distances[0]! / 3);
    });

    it.each([-1, Number.NaN])('refuses a weight of %d', (attraction) => {
      expect(() => lockedImagesObjective(config, { texts: 1, images: 1, attraction })).toThrow(
        `attraction is ${attraction}; it must be a number of at least 0`,
      );
    });
  });
});
