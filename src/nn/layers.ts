import { attention, gelu, layerNorm, linear, type Tensor } from '../tensor/index.ts';
import { normal, ONES, type ParameterScope, xavierUniform, ZEROS } from './parameters.ts';

/** Sizes that a transformer block needs. */
export interface BlockConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly layerNormEps: number;
}

/** x·Wᵀ + b. x: [..., in] → [..., out]. Kernel xavier-uniform, bias zero. */
export function dense(scope: ParameterScope, x: Tensor, size: number, out: number, bias = ZEROS): Tensor {
  return linear(
    x,
    scope.get('weight', [out, size], xavierUniform(size, out)),
    scope.get('bias', [out], bias),
  );
}

/** Layer normalisation with learned scale and bias over the last axis. */
export const norm = (scope: ParameterScope, x: Tensor, { hiddenSize, layerNormEps }: BlockConfig): Tensor =>
  layerNorm(x, scope.get('weight', [hiddenSize], ONES), scope.get('bias', [hiddenSize], ZEROS), layerNormEps);

/** Dense → tanh-GELU → dense; biases start at normal std 1e-6 as in big_vision's MlpBlock. */
export function mlp(scope: ParameterScope, x: Tensor, { hiddenSize, intermediateSize }: BlockConfig): Tensor {
  const hidden = gelu(dense(scope.scope('fc1'), x, hiddenSize, intermediateSize, normal(1e-6)));
  return dense(scope.scope('fc2'), hidden, intermediateSize, hiddenSize, normal(1e-6));
}

/**
 * Multi-head self-attention with separate q, k, v and output projections. x: [B, T, d].
 * @param queries the positions that ask, [B, Q, d]; default all of x
 * @returns [B, Q, d]
 */
export function selfAttention(
  scope: ParameterScope,
  x: Tensor,
  config: BlockConfig,
  mask?: Tensor,
  queries: Tensor = x,
): Tensor {
  const { hiddenSize, heads } = config;
  const project = (name: string, input: Tensor) => dense(scope.scope(name), input, hiddenSize, hiddenSize);
  const context = attention(
    project('q_proj', queries),
    project('k_proj', x),
    project('v_proj', x),
    heads,
    mask,
  );
  return project('out_proj', context);
}
