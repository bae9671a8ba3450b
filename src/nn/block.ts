import { add, reshape, slice, staticDim, type Tensor } from '../tensor/index.ts';
import { type BlockConfig, norm, residualMlp, selfAttention } from './layers.ts';
import type { ParameterScope } from './parameters.ts';
import { singleQueryAttention } from './singleQuery.ts';

/**
 * Pre-LN transformer block: x + attention(LN(x)), then x + MLP(LN(x)) (big_vision vit.py Encoder1DBlock).
 * x: [B, T, d]; mask: additive, broadcasts to [B, heads, T, T].
 */
function block(scope: ParameterScope, x: Tensor, config: BlockConfig, mask?: Tensor): Tensor {
  const normalized = norm(scope.scope('layer_norm1'), x, config);
  const y = add(x, selfAttention(scope.scope('self_attn'), normalized, config, mask));
  return residualMlp(scope, y, config, 'layer_norm2');
}

/**
 * The block's output at the last position only, [B, d]: all tokens are attended to, but only the last one asks and goes
 * through the MLP. Exact, and nearly all of a block's work less where no other position is read afterwards.
 */
export function blockAtLast(scope: ParameterScope, x: Tensor, config: BlockConfig): Tensor {
  const normalized = norm(scope.scope('layer_norm1'), x, config);
  const attended = singleQueryAttention(scope.scope('self_attn'), normalized, lastOf(normalized), config);
  const y = add(lastOf(x), attended);
  return residualMlp(scope, y, config, 'layer_norm2');
}

/** [B, T, d] → [B, d] */
export function lastOf(x: Tensor): Tensor {
  const [batch, length, d] = [x.shape[0]!, staticDim(x.shape[1]!), x.shape[2]!];
  return reshape(slice(x, 1, length - 1, length), [batch, d]);
}

/** A stack of blocks under `layers.{i}`. Returns the output of every block. */
export function encoder(
  scope: ParameterScope,
  x: Tensor,
  config: BlockConfig & { readonly layers: number },
  mask?: Tensor,
): Tensor[] {
  const outputs: Tensor[] = [];
  let current = x;
  for (let i = 0; i < config.layers; i++) {
    current = block(scope.scope(`layers.${i}`), current, config, mask);
    outputs.push(current);
  }
  return outputs;
}
