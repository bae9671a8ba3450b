import { expect, test } from 'vitest';
import { untrainedNotice } from '../../../src/cli/train/untrained.ts';
import { contrastiveObjective } from '../../../src/train/losses/sigmoid/contrastive.ts';
import type { TrainedModel } from '../../../src/train/run/saveModel.ts';
import type { Stage } from '../../../src/train/run/stage.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';
import { PREPROCESSORS, tinyConfig } from '../fixtures.ts';

const config = tinyConfig('fixed', 40);
const objective = contrastiveObjective(config, { images: 2, texts: 2 });
const schedule = { totalSteps: 1, warmupSteps: 0 };
const model: TrainedModel = { config, preprocessor: PREPROCESSORS.fixed, tokenizerJson: {} };

const stage = (training: Partial<Stage['training']> = {}, name = 'first'): Stage => ({
  name,
  training: { objective, optimizer: PAPER_OPTIMIZER, schedule, seed: 0, batchAt: () => ({}), ...training },
});

test('says before a run that a parameter of its model is trained nowhere', () => {
  const [, ...parameters] = objective.parameters;
  const partial = { objective: { ...objective, parameters: new Map(parameters) } };
  const first = [...objective.parameters.keys()][0];
  expect(untrainedNotice([stage(partial)], model)).toMatch(
    `no stage of the recipe trains 1 parameters of the model, e.g. ${first}`,
  );
  // A stage before, or a state that is only read when the run begins, may have it.
  expect(untrainedNotice([stage(), stage(partial, 'second')], model)).toBeUndefined();
  expect(untrainedNotice([stage({ ...partial, initial: async () => new Map() })], model)).toBeUndefined();
});
