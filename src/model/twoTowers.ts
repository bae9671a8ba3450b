import { type ParameterScope, type ParameterTable, parameterScope } from '../nn/parameters.ts';
import {
  add,
  type Dim,
  div,
  exp,
  input,
  matmul,
  mul,
  scalar,
  sqrt,
  square,
  sum,
  type Tensor,
} from '../tensor/index.ts';
import type { ModelConfig, VisionConfig } from './config.ts';
import { type TextOutputs, textTower } from './textTower.ts';
import { fixedVisionTower, naflexVisionTower, type VisionOutputs } from './visionTower.ts';

/** Graph inputs of the vision tower by name, as Hugging Face processors produce them. */
export type VisionInputs =
  | { readonly pixel_values: Tensor }
  | { readonly pixel_values: Tensor; readonly pixel_attention_mask: Tensor; readonly spatial_shapes: Tensor };

/**
 * Declares the vision inputs for a batch.
 * @param length NaFlex sequence length (patches per image, padding included)
 * @example
 * const inputs = visionInputs(variantConfig('B/16').vision, 'n');
 */
export function visionInputs(
  config: VisionConfig,
  batch: Dim,
  length: Dim = config.numPatches,
): VisionInputs {
  if (config.kind === 'fixed') {
    const side = config.imageSize!;
    return { pixel_values: input('pixel_values', 'float32', [batch, config.channels, side, side]) };
  }
  const size = config.channels * config.patchSize ** 2;
  return {
    pixel_values: input('pixel_values', 'float32', [batch, length, size]),
    pixel_attention_mask: input('pixel_attention_mask', 'int32', [batch, length]),
    spatial_shapes: input('spatial_shapes', 'int32', [batch, 2]),
  };
}

/**
 * The vision tower of either kind, under `vision_model`.
 * @example
 * const { vision } = variantConfig('B/16');
 * const table: ParameterTable = new Map();
 * const { pooled } = visionTower(parameterScope(table), visionInputs(vision, 'n'), vision);
 */
export function visionTower(
  scope: ParameterScope,
  inputs: VisionInputs,
  config: VisionConfig,
): VisionOutputs {
  const vision = scope.scope('vision_model');
  if ('spatial_shapes' in inputs) {
    const { pixel_values, pixel_attention_mask, spatial_shapes } = inputs;
    return naflexVisionTower(vision, pixel_values, pixel_attention_mask, spatial_shapes, config);
  }
  return fixedVisionTower(vision, inputs.pixel_values, config);
}

/**
 * v / (‖v‖₂ + 1e-8) over the last axis (big_vision two_towers.py).
 * @example
 * const unit = normalize(input('embeddings', 'float32', ['n', 768]));
 */
export const normalize = (v: Tensor): Tensor => div(v, add(sqrt(sum(square(v), [-1], true)), scalar(1e-8)));

/** SigLIP's start: exp(t) = 10, b = −10 (SigLIP §2; big_vision `two_towers.py`). */
const INITIAL_LOG_TEMPERATURE = Math.log(10);
const INITIAL_BIAS = -10;

/**
 * The learned scalars: log-temperature `logit_scale` and `logit_bias`, both [1].
 * @example
 * const { logitScale, logitBias } = logitParameters(parameterScope(new Map()));
 */
export const logitParameters = (scope: ParameterScope): { logitScale: Tensor; logitBias: Tensor } => ({
  logitScale: scope.get('logit_scale', [1], { kind: 'constant', value: INITIAL_LOG_TEMPERATURE }),
  logitBias: scope.get('logit_bias', [1], { kind: 'constant', value: INITIAL_BIAS }),
});

/** logits[i, j] = exp(t)·⟨texts_i, images_j⟩ + b. texts: [M, d], images: [N, d] → [M, N]. */
export const logitsPerText = (texts: Tensor, images: Tensor, logitScale: Tensor, logitBias: Tensor): Tensor =>
  add(mul(matmul(texts, images, { transB: true }), exp(logitScale)), logitBias);

/** The whole two-tower graph for one pair of batches. */
export interface TwoTowers {
  readonly parameters: ParameterTable;
  readonly inputs: VisionInputs & { readonly input_ids: Tensor };
  readonly vision: VisionOutputs;
  readonly text: TextOutputs;
  /** Unit-length embeddings, [B, d]. */
  readonly imageEmbeddings: Tensor;
  readonly textEmbeddings: Tensor;
  readonly logitScale: Tensor;
  readonly logitBias: Tensor;
}

export interface TwoTowerShape {
  readonly images: Dim;
  readonly texts: Dim;
  /** NaFlex sequence length. */
  readonly length?: Dim;
}

/**
 * Builds both towers and the scalars as one graph (parameters are inputs named as in the checkpoint).
 * @example
 * const { imageEmbeddings, textEmbeddings } = twoTowers(variantConfig('B/16'), { images: 8, texts: 8 });
 */
export function twoTowers(config: ModelConfig, shape: TwoTowerShape): TwoTowers {
  const parameters: ParameterTable = new Map();
  const scope = parameterScope(parameters);
  const inputs = visionInputs(config.vision, shape.images, shape.length);
  const input_ids = input('input_ids', 'int32', [shape.texts, config.text.length]);
  const vision = visionTower(scope, inputs, config.vision);
  const text = textTower(scope.scope('text_model'), input_ids, config.text);
  return {
    parameters,
    inputs: { ...inputs, input_ids },
    vision,
    text,
    imageEmbeddings: normalize(vision.pooled),
    textEmbeddings: normalize(text.pooled),
    ...logitParameters(scope),
  };
}
