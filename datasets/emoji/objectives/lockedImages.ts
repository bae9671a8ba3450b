import type { ModelConfig } from '../../../src/index.ts';
import { add, input, mul, scalar, sub, sum, type Tensor } from '../../../src/tensor/index.ts';
import {
  logitMetrics,
  logitParameters,
  normalize,
  type Objective,
  type ParameterTable,
  parameterScope,
  sigmoidLoss,
  textTower,
} from '../../../src/train/index.ts';

export interface LockedImagesBatch {
  /** Texts a step. */
  readonly texts: number;
  /** Images whose embeddings the texts are compared with. */
  readonly images: number;
  /** How much a text is drawn to the centre of its own images: a weight, 0 or more. Default 0, and no centres are read. */
  readonly attraction?: number;
}

/** Mean over the texts of 1 − ⟨text, centre⟩: 0 where a text lies on its centre. Both [M, d] of unit length. */
const meanDistance = (texts: Tensor, centres: Tensor, rows: number): Tensor =>
  sub(scalar(1), mul(sum(mul(texts, centres)), scalar(1 / rows)));

/**
 * The sigmoid loss of the text tower against embeddings of locked images (LiT, arXiv 2111.07991): no image passes
 * through a tower, so every image of a small set is a negative of every text.
 *
 * A text that is told apart from all the images it was trained beside need not lie where other images of the same thing
 * would. With `attraction`, the loss is that plus attraction · (1 − cos to the centre of the thing's images).
 * Batch inputs: `image_embeddings` [N, d] of unit length, `image_ids` [N], `input_ids` [M, T], `text_ids` [M]; with
 * attraction also `centres` [M, d] of unit length, one for each text.
 * @throws RangeError when the attraction is negative or no number
 */
export function lockedImagesObjective(config: ModelConfig, batch: LockedImagesBatch): Objective {
  const { attraction = 0 } = batch;
  if (!(Number.isFinite(attraction) && attraction >= 0))
    throw new RangeError(`attraction is ${attraction}; it must be a number of at least 0`);
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
  const texts = normalize(text.pooled);
  // The texts stand in the images' place: the loss is symmetric but for its normaliser, here the number of texts.
  const sigmoid = sigmoidLoss(
    { images: texts, texts: inputs.image_embeddings, logitScale, logitBias },
    { ids: { images: inputs.text_ids, texts: inputs.image_ids } },
  );
  const metrics = logitMetrics({ logitScale, logitBias });
  if (attraction === 0) return { parameters, inputs, loss: sigmoid, metrics };
  const centres = input('centres', 'float32', [batch.texts, config.vision.hiddenSize]);
  const distance = meanDistance(texts, centres, batch.texts);
  return {
    parameters,
    inputs: { ...inputs, centres },
    loss: add(sigmoid, mul(distance, scalar(attraction))),
    metrics: { ...metrics, sigmoid, distance },
  };
}
