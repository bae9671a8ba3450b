import { add, attention, type Tensor } from '../tensor/index.ts';
import { attentionProjection, type BlockConfig, norm, residualMlp } from './layers.ts';
import type { ParameterScope } from './parameters.ts';

/** What an attention looks at, after its projections: keys and values [B, S, d]. */
export interface KeysAndValues {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/**
 * Keys and values of an attention under `scope`.
 * @param x [B, S, size]
 */
export const keysAndValues = (
  scope: ParameterScope,
  x: Tensor,
  config: BlockConfig,
  size = config.hiddenSize,
): KeysAndValues => ({
  keys: attentionProjection(scope, 'k_proj', x, config, size),
  values: attentionProjection(scope, 'v_proj', x, config, size),
});

/**
 * Attention of positions to keys and values that are already projected.
 * @param x [B, Q, d]
 * @param mask additive, broadcasts to [B, heads, Q, S]
 */
export const attendTo = (
  scope: ParameterScope,
  x: Tensor,
  { keys, values }: KeysAndValues,
  config: BlockConfig,
  mask?: Tensor,
): Tensor => {
  const queries = attentionProjection(scope, 'q_proj', x, config);
  return attentionProjection(scope, 'out_proj', attention(queries, keys, values, config.heads, mask), config);
};

/** An attention as a function of its normalised input; shapes stay. */
type Attend = (scope: ParameterScope, x: Tensor) => Tensor;

/**
 * Pre-LN decoder block: x + self-attention(LN(x)), then + cross-attention(LN(x)), then + MLP(LN(x)) (CapPa;
 * docs/paper.md). How the two attentions find their keys and values is the caller's: training has whole texts, decoding
 * a cache.
 */
export function decoderBlock(
  scope: ParameterScope,
  x: Tensor,
  config: BlockConfig,
  { self, cross }: { readonly self: Attend; readonly cross: Attend },
): Tensor {
  const y = add(x, self(scope.scope('self_attn'), norm(scope.scope('layer_norm1'), x, config)));
  const z = add(y, cross(scope.scope('cross_attn'), norm(scope.scope('layer_norm2'), y, config)));
  return residualMlp(scope, z, config, 'layer_norm3');
}
