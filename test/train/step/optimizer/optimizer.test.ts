import { describe, expect, it } from 'vitest';
import { isKernel } from '../../../../src/train/step/optimizer/decay.ts';
import { firstMoment, secondMoment } from '../../../../src/train/step/optimizer/moments.ts';
import { scheduleAt } from '../../../../src/train/step/optimizer/schedule.ts';
import { readFixture, relativeError } from '../../../support/fixtures.ts';
import { replay } from '../../replay.ts';

/** The fixture's tensors by names that the decay mask tells apart. */
const NAMES = {
  kernel: 'text_model.head.weight',
  bias: 'text_model.head.bias',
  embedding: 'token_embedding.weight',
};

describe('optimizer', () => {
  it('equals five steps of big_vision’s chain (checked against optax)', async () => {
    const fixture = await readFixture('optimizer/adam.safetensors');
    const value = (name: string) => Number(fixture.get(name)!.data[0]);
    const config = {
      learningRate: value('learning_rate'),
      weightDecay: value('weight_decay'),
      beta1: value('b1'),
      beta2: value('b2'),
      epsilon: value('epsilon'),
      clipNorm: value('clip_norm'),
    };
    const schedule = { totalSteps: value('total_steps'), warmupSteps: value('warmup_steps') };
    const factors = Array.from({ length: 5 }, (_, step) => scheduleAt(step, schedule));
    for (const [step, factor] of factors.entries())
      expect(factor).toBeCloseTo(value(`step.${step}.schedule`), 6);
    const steps = await replay(fixture, NAMES, config, factors);
    for (const [step, { gradientNorm, state }] of steps.entries()) {
      expect(gradientNorm).toBeCloseTo(value(`step.${step}.global_norm`), 5);
      for (const [key, name] of Object.entries(NAMES)) {
        for (const [part, full] of [
          ['parameter', name],
          ['first_moment', firstMoment(name)],
          ['second_moment', secondMoment(name)],
        ] as const) {
          const expected = fixture.get(`step.${step}.float64.${part}.${key}`);
          // 2e-6: a dozen float32 roundings per element.
          expect(relativeError(state.get(full), expected), `${part} ${key} ${step}`).toBeLessThan(2e-6);
        }
      }
    }
  });

  it('decays kernels only', () => {
    const decays = [
      'vision_model.encoder.layers.0.self_attn.q_proj.weight',
      'vision_model.encoder.layers.0.mlp.fc1.weight',
      'vision_model.head.attention.in_proj_weight',
      'vision_model.embeddings.patch_embedding.weight',
      'text_model.head.weight',
      'distillation_head.fc3.weight',
      'distillation_head.prototypes.weight',
    ];
    const exempt = [
      'vision_model.encoder.layers.0.self_attn.q_proj.bias',
      'vision_model.encoder.layers.0.layer_norm1.weight',
      'vision_model.head.layernorm.weight',
      'vision_model.head.probe',
      'vision_model.embeddings.position_embedding.weight',
      'text_model.embeddings.token_embedding.weight',
      'masked_prediction_head.mask_token',
      'logit_scale',
      'logit_bias',
    ];
    expect(decays.filter(isKernel)).toEqual(decays);
    expect(exempt.filter(isKernel)).toEqual([]);
  });
});

describe('schedule', () => {
  it('warms up linearly, then falls along a cosine to zero', () => {
    const schedule = { totalSteps: 110, warmupSteps: 10 };
    expect(scheduleAt(0, schedule)).toBe(0);
    expect(scheduleAt(5, schedule)).toBe(0.5);
    expect(scheduleAt(10, schedule)).toBe(1);
    expect(scheduleAt(60, schedule)).toBeCloseTo(0.5, 12);
    expect(scheduleAt(110, schedule)).toBeCloseTo(0, 12);
    expect(scheduleAt(200, schedule)).toBeCloseTo(0, 12);
  });
});
