import { describe, expect, it } from 'vitest';
import { fixedPreprocessing } from '../../../src/input/image/preprocessing.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import { variantConfig } from '../../../src/model/variants.ts';
import { chooseChunk, chunkCost } from '../../../src/train/finetune/chunkSize.ts';
import { frozenBy } from '../../../src/train/finetune/settings.ts';

const tower = { hiddenSize: 64, intermediateSize: 256, heads: 4, layers: 2, layerNormEps: 1e-6 };
const config: ModelConfig = {
  vision: {
    kind: 'fixed',
    ...tower,
    imageSize: 64,
    patchSize: 8,
    channels: 3,
    numPatches: 64,
    useHead: true,
  },
  text: { ...tower, vocabSize: 500, length: 16, projectionSize: 64 },
};
const model = { config, preprocessor: fixedPreprocessing(64) };
const settings = { batch: 64, freeze: [], learningRate: 1e-5, weightDecay: 0 };

describe('chooseChunk', () => {
  it('takes the whole batch where it fits, and the largest part of it where it does not', () => {
    const whole = chooseChunk(model, settings, 1e12);
    expect([whole.chunk, whole.fits]).toEqual([64, true]);
    // The process itself is planned too.
    expect(whole.total).toBeGreaterThan(whole.memory.total + 100e6);
    const available = whole.total - 0.3 * whole.memory.total;
    const less = chooseChunk(model, settings, available);
    expect(less.fits).toBe(true);
    expect(less.chunk).toBeLessThan(64);
    expect(less.total).toBeLessThanOrEqual(available);
    expect(chunkCost(model, settings, 2 * less.chunk, available).fits).toBe(false);
  });

  it('says when nothing fits', () => {
    const plan = chooseChunk(model, settings, 1e6);
    expect(plan.fits).toBe(false);
    expect(plan.chunk).toBeLessThan(64);
  });

  it('plans no gradients, moments and copies for what is frozen', () => {
    const all = chunkCost(model, settings, 64);
    const image = chunkCost(model, { ...settings, freeze: ['image'] }, 64);
    expect(image.memory.parameters).toBe(all.memory.parameters);
    expect(image.memory.moments).toBeLessThan(0.7 * all.memory.moments);
    expect(image.memory.activations).toBeLessThan(0.7 * all.memory.activations);
  });

  it('plans a token table of 256,000 rows by the rows of a batch', () => {
    const large = {
      config: variantConfig('google/siglip2-base-patch16-224'),
      preprocessor: fixedPreprocessing(224),
    };
    const { memory } = chunkCost(large, { ...settings, batch: 8, freeze: ['image'] }, 8);
    const gradients = 4 * 86e6;
    // The text tower without its table has 86 M parameters, the table 197 M.
    expect(memory.gradients).toBeLessThan(1.2 * gradients);
  });
});

describe('frozenBy', () => {
  it('knows the parts by their names', () => {
    const names = [
      'vision_model.head.probe',
      'text_model.head.bias',
      'text_model.embeddings.x',
      'logit_scale',
    ];
    const frozen = (...parts: Parameters<typeof frozenBy>[0]) => names.filter(frozenBy(parts));
    expect(frozen()).toEqual([]);
    expect(frozen('image')).toEqual([names[0]]);
    expect(frozen('text')).toEqual([names[1], names[2]]);
    expect(frozen('embeddings', 'image')).toEqual([names[0], names[2]]);
  });
});
