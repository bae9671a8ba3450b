import { add, linear, matmul, reshape, slice, staticDim, type Tensor, transpose } from '../tensor/index.ts';
import { type BlockConfig, dense, residualMlp } from './layers.ts';
import { type ParameterScope, xavierUniform, ZEROS } from './parameters.ts';
import { weightedValues } from './singleQuery.ts';

/**
 * Attention pooling with one learned query (big_vision vit.py MAPHead): y = attention(probe, x, x), y + MLP(LN(y)).
 * No residual from the probe.
 *
 * The probe asks the same of every image: it is carried through Wk once for all (see singleQuery.ts).
 *
 * @param x tokens after the final encoder norm, [B, T, d]
 * @param mask additive key mask that broadcasts to [B, heads, T]
 * @returns pooled representation, [B, d]
 */
export function mapHead(scope: ParameterScope, x: Tensor, config: BlockConfig, mask?: Tensor): Tensor {
  return residualMlp(scope, probeAttention(scope, x, config, mask), config, 'layernorm');
}

/**
 * What the head makes of every token as if it were the only one: attention to one token gives that token whatever the
 * probe asks, so only the value and output projections remain (MaskCLIP's dense features, arXiv 2112.01071). The
 * results lie in the space of the pooled representation.
 * @param x tokens after the final encoder norm, [B, T, d]
 * @returns [B, T, d]
 */
export function mapHeadPerToken(scope: ParameterScope, x: Tensor, config: BlockConfig): Tensor {
  const { hiddenSize: d } = config;
  const attention = scope.scope('attention');
  const weight = attention.get('in_proj_weight', [3 * d, d], xavierUniform(d, d));
  const bias = attention.get('in_proj_bias', [3 * d], ZEROS);
  const values = linear(x, slice(weight, 0, 2 * d, 3 * d), slice(bias, 0, 2 * d, 3 * d));
  return residualMlp(scope, dense(attention.scope('out_proj'), values, d, d), config, 'layernorm');
}

function probeAttention(scope: ParameterScope, x: Tensor, config: BlockConfig, mask?: Tensor): Tensor {
  const { hiddenSize: d, heads } = config;
  const headSize = d / heads;
  const probe = scope.get('probe', [1, 1, d], xavierUniform(d, d));
  const attention = scope.scope('attention');
  const weight = attention.get('in_proj_weight', [3 * d, d], xavierUniform(d, d));
  const bias = attention.get('in_proj_bias', [3 * d], ZEROS);
  const weights = reshape(weight, [3, heads, headSize, d]);
  const part = (i: number) => reshape(slice(weights, 0, i, i + 1), [heads, headSize, d]);

  const query = add(
    matmul(part(0), reshape(probe, [d, 1])),
    reshape(slice(bias, 0, 0, d), [heads, headSize, 1]),
  );
  const keyed = matmul(query, part(1), { transA: true, alpha: 1 / Math.sqrt(headSize) });
  const byHead = transpose(matmul(x, reshape(keyed, [heads, d]), { transB: true }), [0, 2, 1]);
  const values = weightedValues(mask ? add(byHead, mask) : byHead, x, part(2));
  const context = add(values, slice(bias, 0, 2 * d, 3 * d));
  return dense(attention.scope('out_proj'), context, staticDim(d), d);
}
