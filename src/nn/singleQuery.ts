import { add, matmul, reshape, softmax, type Tensor, transpose } from '../tensor/index.ts';
import { attentionProjection, type BlockConfig } from './layers.ts';
import { type ParameterScope, xavierUniform, ZEROS } from './parameters.ts';

// With a single query the key and value projections need not be applied to every token: the query is carried through
// Wk once (its bias shifts all scores equally, which softmax ignores), and Wv acts on the tokens' weighted sum.
// Exact algebra, and 4·T·d² operations a sequence less.

/**
 * What single queries take from their sequences, by their scores.
 * @param scores [B, heads, T], before the softmax
 * @param x tokens, [B, T, d]
 * @param valueWeight Wv by head, [heads, d / heads, d]
 * @returns the heads' values side by side, [B, d], without Wv's bias
 */
export function weightedValues(scores: Tensor, x: Tensor, valueWeight: Tensor): Tensor {
  const tokens = transpose(matmul(softmax(scores), x), [1, 0, 2]);
  const values = transpose(matmul(tokens, valueWeight, { transB: true }), [1, 0, 2]);
  return reshape(values, [x.shape[0]!, x.shape[2]!]);
}

/**
 * Multi-head self-attention (layers.ts `selfAttention`, the same parameters) of one position of each sequence.
 * @param x [B, T, d]
 * @param query the position that asks, [B, d]
 * @returns [B, d]
 */
export function singleQueryAttention(
  scope: ParameterScope,
  x: Tensor,
  query: Tensor,
  config: BlockConfig,
): Tensor {
  const { hiddenSize: d, heads, biases } = config;
  const headSize = d / heads;
  const batch = x.shape[0]!;
  const weight = (name: string) =>
    reshape(scope.scope(name).get('weight', [d, d], xavierUniform(d, d)), [heads, headSize, d]);
  const byHead = transpose(
    reshape(attentionProjection(scope, 'q_proj', query, config), [batch, heads, headSize]),
    [1, 0, 2],
  );
  const carried = matmul(byHead, weight('k_proj'), { alpha: 1 / Math.sqrt(headSize) });
  const scores = matmul(transpose(carried, [1, 0, 2]), x, { transB: true });
  const context = weightedValues(scores, x, weight('v_proj'));
  const hasBias = biases?.attention ?? true;
  const values = hasBias ? add(context, scope.scope('v_proj').get('bias', [d], ZEROS)) : context;
  return attentionProjection(scope, 'out_proj', values, config);
}
