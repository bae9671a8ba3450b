import { add, attention, constant, gelu, layerNorm, linear, type Tensor, zeros } from '../tensor/index.ts';
import { type Initializer, normal, ONES, type ParameterScope, xavierUniform, ZEROS } from './parameters.ts';

/** Which layers of a block have biases. */
export interface Biases {
  /** The projections of the attentions. */
  readonly attention: boolean;
  /** The MLP's layers and the layer normalisations. */
  readonly mlpAndNorm: boolean;
}

/** Sizes that a transformer block needs. */
export interface BlockConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly layerNormEps: number;
  /** Default: all, as in both towers. */
  readonly biases?: Biases;
}

/**
 * x·Wᵀ + b. x: [..., in] → [..., out]. Kernel xavier-uniform.
 * @param bias how the bias starts, or that there is none. Default zero.
 */
export function dense(
  scope: ParameterScope,
  x: Tensor,
  size: number,
  out: number,
  bias: Initializer | 'none' = ZEROS,
): Tensor {
  const weight = scope.get('weight', [out, size], xavierUniform(size, out));
  return linear(x, weight, bias === 'none' ? undefined : scope.get('bias', [out], bias));
}

/** Layer normalisation with learned scale and bias over the last axis. */
export function norm(
  scope: ParameterScope,
  x: Tensor,
  { hiddenSize, layerNormEps, biases }: BlockConfig,
): Tensor {
  const scale = scope.get('weight', [hiddenSize], ONES);
  const hasBias = biases?.mlpAndNorm ?? true;
  const bias = hasBias ? scope.get('bias', [hiddenSize], ZEROS) : constant(zeros('float32', [hiddenSize]));
  return layerNorm(x, scale, bias, layerNormEps);
}

/** Dense → tanh-GELU → dense; biases start at normal std 1e-6 as in big_vision's MlpBlock. */
function mlp(
  scope: ParameterScope,
  x: Tensor,
  { hiddenSize, intermediateSize, biases }: BlockConfig,
): Tensor {
  const bias = (biases?.mlpAndNorm ?? true) ? normal(1e-6) : 'none';
  const hidden = gelu(dense(scope.scope('fc1'), x, hiddenSize, intermediateSize, bias));
  return dense(scope.scope('fc2'), hidden, intermediateSize, hiddenSize, bias);
}

/** x + MLP(LN(x)): the second half of a block, with the normalisation of that name. Any leading axes. */
export const residualMlp = (
  scope: ParameterScope,
  x: Tensor,
  config: BlockConfig,
  normName: string,
): Tensor => add(x, mlp(scope.scope('mlp'), norm(scope.scope(normName), x, config), config));

/** One of an attention's projections, `q_proj`, `k_proj`, `v_proj` or `out_proj`: [..., size] → [..., d]. */
export const attentionProjection = (
  scope: ParameterScope,
  name: string,
  x: Tensor,
  { hiddenSize, biases }: BlockConfig,
  size = hiddenSize,
): Tensor => dense(scope.scope(name), x, size, hiddenSize, (biases?.attention ?? true) ? ZEROS : 'none');

/** Multi-head self-attention with separate q, k, v and output projections. x: [B, T, d]. */
export function selfAttention(scope: ParameterScope, x: Tensor, config: BlockConfig, mask?: Tensor): Tensor {
  const project = (name: string, input: Tensor) => attentionProjection(scope, name, input, config);
  const [queries, keys, values] = [project('q_proj', x), project('k_proj', x), project('v_proj', x)];
  return project('out_proj', attention(queries, keys, values, config.heads, mask));
}
