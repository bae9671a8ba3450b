import type { ModelConfig } from '../model/config.ts';
import { twoTowers } from '../model/twoTowers.ts';
import { exp, input, reshape } from '../tensor/index.ts';
import { sigmoidLoss } from './losses/sigmoidLoss.ts';
import type { Objective } from './step.ts';

export interface ContrastiveBatch {
  readonly images: number;
  readonly texts: number;
  /** NaFlex sequence length. */
  readonly length?: number;
}

/**
 * The sigmoid loss on both towers. Batch inputs: the vision inputs, `input_ids`, and `image_ids` [N] and `text_ids` [M],
 * equal where a text describes an image (several texts per image are fine).
 */
export function contrastiveObjective(config: ModelConfig, batch: ContrastiveBatch): Objective {
  const model = twoTowers(config, batch);
  const ids = {
    images: input('image_ids', 'int32', [batch.images]),
    texts: input('text_ids', 'int32', [batch.texts]),
  };
  const loss = sigmoidLoss(
    {
      images: model.imageEmbeddings,
      texts: model.textEmbeddings,
      logitScale: model.logitScale,
      logitBias: model.logitBias,
    },
    { ids },
  );
  return {
    parameters: model.parameters,
    inputs: { ...model.inputs, image_ids: ids.images, text_ids: ids.texts },
    loss,
    metrics: { temperature: reshape(exp(model.logitScale), []), bias: reshape(model.logitBias, []) },
  };
}
