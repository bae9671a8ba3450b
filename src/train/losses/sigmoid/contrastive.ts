import { type ModelConfig, modelConfigSchema } from '../../../model/config.ts';
import { type TwoTowers, twoTowers } from '../../../model/twoTowers.ts';
import { input } from '../../../tensor/index.ts';
import { check, count, optional, settings } from '../../../tensor/settings.ts';
import type { Objective } from '../objective.ts';
import { logitMetrics } from './logitMetrics.ts';
import { sigmoidLoss } from './sigmoidLoss.ts';

export interface ContrastiveBatch {
  readonly images: number;
  readonly texts: number;
  /** NaFlex sequence length. */
  readonly length?: number;
}

export const contrastiveBatchSchema = settings<ContrastiveBatch>({
  images: count,
  texts: count,
  length: optional(count),
});

/** The sigmoid loss on both towers, and the towers, for losses that are added on them. */
export function contrastive(
  config: ModelConfig,
  batch: ContrastiveBatch,
): { readonly model: TwoTowers; readonly objective: Objective } {
  check('config', modelConfigSchema, config);
  check('batch', contrastiveBatchSchema, batch);
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
  const objective = {
    parameters: model.parameters,
    inputs: { ...model.inputs, image_ids: ids.images, text_ids: ids.texts },
    loss,
    metrics: logitMetrics(model),
  };
  return { model, objective };
}

/**
 * The sigmoid loss on both towers. Batch inputs: the vision inputs, `input_ids`, and `image_ids` [N] and `text_ids` [M],
 * equal where a text describes an image (several texts per image are fine).
 */
export const contrastiveObjective = (config: ModelConfig, batch: ContrastiveBatch): Objective =>
  contrastive(config, batch).objective;
