import { describe, expect, it } from 'vitest';
import { stepMemory } from '../../../../src/train/cost/stepCost.ts';
import { type OptimizerConfig, PAPER_OPTIMIZER } from '../../../../src/train/step/optimizer/config.ts';
import { firstMoment, secondMoment } from '../../../../src/train/step/optimizer/moments.ts';
import { isHiddenMatrix } from '../../../../src/train/step/optimizer/muon.ts';
import { initialState, type TrainState } from '../../../../src/train/step/state/state.ts';
import { createDenseStep } from '../../../../src/train/step/step.ts';
import { readFixture, relativeError } from '../../../support/fixtures.ts';
import { batchAt, FIRST, regression, SECOND } from '../../regression.ts';
import { replay } from '../../replay.ts';

/** The fixture's matrices by names that are Muon's. */
const NAMES = Object.fromEntries(
  ['square', 'wide', 'tall', 'zero'].map((shape) => [shape, `${shape}.fc1.weight`]),
);

const MUON: OptimizerConfig = { ...PAPER_OPTIMIZER, muon: { learningRate: 0.05, momentum: 0.95 } };

/** The state after steps `from` to `to` of the regression, from one before them. */
async function advance(state: TrainState, from: number, to: number): Promise<TrainState> {
  const step = await createDenseStep(regression(), MUON, state);
  for (let i = from; i < to; i++) await step.run(batchAt(i), i, 1);
  const after: TrainState = new Map(
    [...step.state()].map(([name, value]) => [name, { ...value, data: value.data.slice() }]),
  );
  await step.dispose();
  return after;
}

describe('Muon', () => {
  it('equals four steps of PyTorch’s', async () => {
    const fixture = await readFixture('optimizer/muon.safetensors');
    const value = (name: string) => Number(fixture.get(name)!.data[0]);
    const config: OptimizerConfig = {
      ...PAPER_OPTIMIZER,
      weightDecay: value('weight_decay'),
      clipNorm: value('clip_norm'),
      muon: { learningRate: value('learning_rate'), momentum: value('momentum') },
    };
    const steps = await replay(fixture, NAMES, config, [1, 1, 1, 1]);
    for (const [step, { state }] of steps.entries()) {
      for (const [shape, name] of Object.entries(NAMES)) {
        for (const [part, full] of [
          ['parameter', name],
          ['momentum', firstMoment(name)],
        ] as const) {
          const expected = fixture.get(`step.${step}.${part}.${shape}`);
          // PyTorch adds 1e-6 to the norm that it clips by; five products in float32 give as much.
          expect(relativeError(state.get(full), expected), `${part} ${shape} ${step}`).toBeLessThan(5e-6);
        }
      }
    }
  });

  it('moves the matrices within blocks only', () => {
    const hidden = [
      'vision_model.encoder.layers.0.self_attn.q_proj.weight',
      'vision_model.encoder.layers.0.mlp.fc1.weight',
      'vision_model.head.attention.out_proj.weight',
      'vision_model.head.mlp.fc2.weight',
    ];
    const others = [
      'vision_model.encoder.layers.0.self_attn.q_proj.bias',
      'vision_model.encoder.layers.0.layer_norm1.weight',
      'vision_model.embeddings.patch_embedding.weight',
      'vision_model.embeddings.position_embedding.weight',
      'vision_model.head.attention.in_proj_weight',
      'vision_model.head.probe',
      'text_model.embeddings.token_embedding.weight',
      'text_model.head.weight',
      'distillation_head.prototypes.weight',
      'logit_scale',
    ];
    expect(hidden.filter(isHiddenMatrix)).toEqual(hidden);
    expect(others.filter(isHiddenMatrix)).toEqual([]);
  });

  it('continues to the bit from what it saved, and keeps one moment', async () => {
    const start = initialState(regression(), 5);
    const whole = await advance(start, 0, 4);
    expect(whole.has(secondMoment(FIRST))).toBe(false);
    expect(whole.has(secondMoment(SECOND))).toBe(true);
    expect(whole.get(FIRST)!.data).not.toEqual(start.get(FIRST)!.data);
    expect(await advance(await advance(start, 0, 2), 2, 4)).toEqual(whole);
  });

  it('is planned with one moment', () => {
    const [adam, muon] = [stepMemory(regression(), PAPER_OPTIMIZER), stepMemory(regression(), MUON)];
    const bytes = 4 * 3 * 4;
    expect(adam.moments - muon.moments).toBe(bytes);
    expect(adam.secondBuffer - muon.secondBuffer).toBe(bytes);
  });
});
