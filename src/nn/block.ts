import { add, type Tensor } from '../tensor/index.ts';
import { type BlockConfig, mlp, norm, selfAttention } from './layers.ts';
import type { ParameterScope } from './parameters.ts';

/**
 * Pre-LN transformer block: x + attention(LN(x)), then x + MLP(LN(x)) (big_vision vit.py Encoder1DBlock).
 * x: [B, T, d]; mask: additive, broadcasts to [B, heads, T, T].
 */
export const block = (scope: ParameterScope, x: Tensor, config: BlockConfig, mask?: Tensor): Tensor =>
  blockAt(scope, x, config, (tokens) => tokens, mask);

/**
 * The block's output at some positions only: all tokens are attended to, but only the picked ones ask and go
 * through the MLP. Exact, and most of a block's work less where one position is read afterwards.
 * @param pick takes the positions out of [B, T, d]
 */
export function blockAt(
  scope: ParameterScope,
  x: Tensor,
  config: BlockConfig,
  pick: (tokens: Tensor) => Tensor,
  mask?: Tensor,
): Tensor {
  const normalized = norm(scope.scope('layer_norm1'), x, config);
  const attended = selfAttention(scope.scope('self_attn'), normalized, config, mask, pick(normalized));
  const y = add(pick(x), attended);
  return add(y, mlp(scope.scope('mlp'), norm(scope.scope('layer_norm2'), y, config), config));
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
