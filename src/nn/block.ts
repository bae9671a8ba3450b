import { add, type Tensor } from '../tensor/index.ts';
import { type BlockConfig, mlp, norm, selfAttention } from './layers.ts';
import type { ParameterScope } from './parameters.ts';

/**
 * Pre-LN transformer block: x + attention(LN(x)), then x + MLP(LN(x)) (big_vision vit.py Encoder1DBlock).
 * x: [B, T, d]; mask: additive, broadcasts to [B, heads, T, T].
 */
export function block(scope: ParameterScope, x: Tensor, config: BlockConfig, mask?: Tensor): Tensor {
  const attended = selfAttention(
    scope.scope('self_attn'),
    norm(scope.scope('layer_norm1'), x, config),
    config,
    mask,
  );
  const y = add(x, attended);
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
