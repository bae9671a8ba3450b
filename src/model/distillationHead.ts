import { normal, type ParameterScope, ZEROS } from '../nn/parameters.ts';
import { gelu, linear, staticDim, type Tensor } from '../tensor/index.ts';
import { count, settings } from '../tensor/settings.ts';
import { normalize } from './twoTowers.ts';

/** Sizes of a projection head of self-distillation or masked prediction. */
export interface DistillationHeadConfig {
  /** Linear layers of the MLP, at least 1. */
  readonly layers: number;
  /** Width of the layers before the last one. */
  readonly hiddenSize: number;
  /** Width in which features and prototypes are compared. */
  readonly bottleneckSize: number;
  /** Number of prototypes K: the classes of the soft assignment. */
  readonly prototypes: number;
}

export const headSchema = settings<DistillationHeadConfig>({
  layers: count,
  hiddenSize: count,
  bottleneckSize: count,
  prototypes: count,
});

/** DINO's default head. SigLIP 2 says only "a separate MLP head", with SILC's settings (§2.3). */
export const DINO_HEAD: DistillationHeadConfig = {
  layers: 3,
  hiddenSize: 2048,
  bottleneckSize: 256,
  prototypes: 65_536,
};

/** What a head makes of features. Logits are `features · prototypesᵀ`: cosines, never formed as a whole. */
export interface HeadOutputs {
  /** Unit-length bottleneck features, [..., bottleneck]. */
  readonly features: Tensor;
  /** Unit-length prototypes, [K, bottleneck]. */
  readonly prototypes: Tensor;
}

/** DINO draws all layers from a normal distribution of this deviation (truncated at ±2, a hundred deviations). */
const INITIAL = normal(0.02);

/**
 * DINO's projection head: linear layers `fc1`, `fc2`, … with GELU between them, L2 normalisation, and a
 * weight-normed last layer `prototypes` without bias whose gain stays 1 (DINO's `norm_last_layer`).
 * GELU is the tanh form, as everywhere in this family.
 * @param x [..., d]
 */
export function distillationHead(
  scope: ParameterScope,
  x: Tensor,
  config: DistillationHeadConfig,
): HeadOutputs {
  const { layers, hiddenSize, bottleneckSize } = config;
  let current = x;
  for (let i = 1; i <= layers; i++) {
    const layer = scope.scope(`fc${i}`);
    const size = staticDim(current.shape.at(-1));
    const out = i === layers ? bottleneckSize : hiddenSize;
    const y = linear(current, layer.get('weight', [out, size], INITIAL), layer.get('bias', [out], ZEROS));
    current = i === layers ? y : gelu(y);
  }
  const prototypes = scope.get('prototypes.weight', [config.prototypes, bottleneckSize], INITIAL);
  return { features: normalize(current), prototypes: normalize(prototypes) };
}
