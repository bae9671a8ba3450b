import { type ModelConfig, modelConfigSchema } from '../../../model/config.ts';
import { twoTowers } from '../../../model/twoTowers.ts';
import { check, count, optional, settings } from '../../../tensor/settings.ts';
import type { Objective } from '../objective.ts';
import { sigmoidPart } from './sigmoid.ts';

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

/**
 * The sigmoid loss on both towers (paper §2.1). Batch inputs: the vision inputs, `input_ids`, and `image_ids` [N] and
 * `text_ids` [M], equal where a text describes an image (several texts per image are fine).
 * @throws RangeError naming the setting that is wrong
 * @example
 * const objective = contrastiveObjective(variantConfig('B/16'), { images: 8, texts: 8 });
 * const state = initialState(objective, 0);
 */
export function contrastiveObjective(config: ModelConfig, batch: ContrastiveBatch): Objective {
  check('config', modelConfigSchema, config);
  check('batch', contrastiveBatchSchema, batch);
  const model = twoTowers(config, batch);
  const { loss, inputs, metrics } = sigmoidPart(model, batch);
  return { parameters: model.parameters, inputs: { ...model.inputs, ...inputs }, loss, metrics };
}
