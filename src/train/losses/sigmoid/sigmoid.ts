import type { TwoTowers } from '../../../model/twoTowers.ts';
import { input } from '../../../tensor/index.ts';
import type { Loss, LossBatch, LossPart } from '../loss.ts';
import { logitMetrics } from './logitMetrics.ts';
import { sigmoidLoss } from './sigmoidLoss.ts';

/**
 * The sigmoid loss on both towers' embeddings (paper §2.1): each image with each text. It reads `image_ids` [N] and
 * `text_ids` [M], equal where a text describes an image, which come with the pairs.
 */
export function sigmoidPart(
  model: TwoTowers,
  { images, texts }: LossBatch,
): LossPart & Required<Pick<LossPart, 'inputs' | 'metrics'>> {
  const ids = {
    images: input('image_ids', 'int32', [images]),
    texts: input('text_ids', 'int32', [texts]),
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
    loss,
    inputs: { image_ids: ids.images, text_ids: ids.texts },
    metrics: logitMetrics(model),
  };
}

/** {@link sigmoidPart} as a loss of stages: every stage has it. */
export const sigmoid: Loss = {
  name: 'sigmoid',
  weight: 1,
  objective: ({ model, batch }) => sigmoidPart(model, batch),
};
