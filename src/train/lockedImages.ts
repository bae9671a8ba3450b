import type { ModelConfig } from '../model/config.ts';
import { textTower } from '../model/textTower.ts';
import { logitParameters, normalize } from '../model/twoTowers.ts';
import { type ParameterTable, parameterScope } from '../nn/parameters.ts';
import { input } from '../tensor/index.ts';
import { logitMetrics } from './logitMetrics.ts';
import { sigmoidLoss } from './losses/sigmoidLoss.ts';
import type { Objective } from './objective.ts';

export interface LockedImagesBatch {
  /** Texts a step. */
  readonly texts: number;
  /** Images whose embeddings the texts are compared with. */
  readonly images: number;
}

/**
 * The sigmoid loss of the text tower against embeddings of locked images (LiT, arXiv 2111.07991): no image passes
 * through a tower, so every image of a small set is a negative of every text.
 * Batch inputs: `image_embeddings` [N, d] of unit length, `image_ids` [N], `input_ids` [M, T], `text_ids` [M].
 */
export function lockedImagesObjective(config: ModelConfig, batch: LockedImagesBatch): Objective {
  const parameters: ParameterTable = new Map();
  const scope = parameterScope(parameters);
  const inputs = {
    image_embeddings: input('image_embeddings', 'float32', [batch.images, config.vision.hiddenSize]),
    image_ids: input('image_ids', 'int32', [batch.images]),
    input_ids: input('input_ids', 'int32', [batch.texts, config.text.length]),
    text_ids: input('text_ids', 'int32', [batch.texts]),
  };
  const text = textTower(scope.scope('text_model'), inputs.input_ids, config.text);
  const { logitScale, logitBias } = logitParameters(scope);
  // The texts stand in the images' place: the loss is symmetric but for its normaliser, here the number of texts.
  const loss = sigmoidLoss(
    { images: normalize(text.pooled), texts: inputs.image_embeddings, logitScale, logitBias },
    { ids: { images: inputs.text_ids, texts: inputs.image_ids } },
  );
  return {
    parameters,
    inputs,
    loss,
    metrics: logitMetrics({ logitScale, logitBias }),
  };
}
