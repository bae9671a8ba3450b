import type { ModelConfig } from '../src/model/config.ts';
import { logitParameters, normalize, visionInputs, visionTower } from '../src/model/twoTowers.ts';
import { type ParameterTable, parameterScope } from '../src/nn/parameters.ts';
import { input } from '../src/tensor/index.ts';
import type { Objective } from '../src/train/losses/objective.ts';
import { sigmoidLoss } from '../src/train/losses/sigmoid/sigmoidLoss.ts';

/**
 * One tower alone: the sigmoid loss of the image tower and the two scalars against text embeddings that are given,
 * `text_embeds` [batch, d] of unit length. Image i matches text i.
 */
export function towerObjective({ vision }: ModelConfig, batch: number): Objective {
  const parameters: ParameterTable = new Map();
  const scope = parameterScope(parameters);
  const inputs = visionInputs(vision, batch);
  const images = normalize(visionTower(scope, inputs, vision).pooled);
  const texts = input('text_embeds', 'float32', [batch, vision.hiddenSize]);
  const loss = sigmoidLoss({ images, texts, ...logitParameters(scope) });
  return { parameters, inputs: { ...inputs, text_embeds: texts }, loss, metrics: {} };
}
