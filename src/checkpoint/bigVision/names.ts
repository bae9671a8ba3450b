import { type NdArray, ndarray, sizeOf } from '../../tensor/ndarray.ts';
import { permute } from '../numpy/permute.ts';

/** How an array's layout changes on the way from big_vision (flax) to Hugging Face (PyTorch). */
export type Transform =
  /** Unchanged. */
  | 'keep'
  /** Flattened to one axis: biases per head. */
  | 'flatten'
  /** All axes but the last become rows: `(1, N, d)` and `(16, 16, d)` → `(N, d)`. */
  | 'rows'
  /** `(in, …out)` → `(out, in)`. */
  | 'splitOut'
  /** `(…in, out)` → `(out, in)`. */
  | 'splitIn'
  /** Convolution `(height, width, in, out)` → `(out, in, height, width)`; a flattened one as `splitIn`. */
  | 'patch';

/** One tensor: Hugging Face name, big_vision name, change of layout. */
export type Rule = readonly [target: string, source: string, transform: Transform];

const norm = (target: string, source: string): Rule[] => [
  [`${target}.weight`, `${source}/scale`, 'keep'],
  [`${target}.bias`, `${source}/bias`, 'keep'],
];
const dense = (target: string, source: string): Rule[] => [
  [`${target}.weight`, `${source}/kernel`, 'splitIn'],
  [`${target}.bias`, `${source}/bias`, 'keep'],
];
const heads = (target: string, source: string): Rule[] => [
  [`${target}.weight`, `${source}/kernel`, 'splitOut'],
  [`${target}.bias`, `${source}/bias`, 'flatten'],
];

const ATTENTION = 'MultiHeadDotProductAttention_0';

/** One encoder block, names relative to the block. */
export const BLOCK_RULES: readonly Rule[] = [
  ...norm('layer_norm1', 'LayerNorm_0'),
  ...heads('self_attn.q_proj', `${ATTENTION}/query`),
  ...heads('self_attn.k_proj', `${ATTENTION}/key`),
  ...heads('self_attn.v_proj', `${ATTENTION}/value`),
  ...dense('self_attn.out_proj', `${ATTENTION}/out`),
  ...norm('layer_norm2', 'LayerNorm_1'),
  ...dense('mlp.fc1', 'MlpBlock_0/Dense_0'),
  ...dense('mlp.fc2', 'MlpBlock_0/Dense_1'),
];

/** Where the blocks of each tower are. */
export const ENCODERS = [
  { target: 'vision_model.encoder.layers', source: 'img/Transformer' },
  { target: 'text_model.encoder.layers', source: 'txt/Encoder_0' },
] as const;

const HEAD = 'img/MAPHead_0';

/** Everything outside the blocks and the fused projection. */
export const SINGLE_RULES: readonly Rule[] = [
  ['vision_model.embeddings.patch_embedding.weight', 'img/embedding/kernel', 'patch'],
  ['vision_model.embeddings.patch_embedding.bias', 'img/embedding/bias', 'keep'],
  ['vision_model.embeddings.position_embedding.weight', 'img/pos_embedding', 'rows'],
  ...norm('vision_model.post_layernorm', 'img/Transformer/encoder_norm'),
  ['vision_model.head.probe', `${HEAD}/probe`, 'keep'],
  ...dense('vision_model.head.attention.out_proj', `${HEAD}/${ATTENTION}/out`),
  ...norm('vision_model.head.layernorm', `${HEAD}/LayerNorm_0`),
  ...dense('vision_model.head.mlp.fc1', `${HEAD}/MlpBlock_0/Dense_0`),
  ...dense('vision_model.head.mlp.fc2', `${HEAD}/MlpBlock_0/Dense_1`),
  ['text_model.embeddings.token_embedding.weight', 'txt/Embed_0/embedding', 'keep'],
  ['text_model.embeddings.position_embedding.weight', 'txt/pos_embedding', 'rows'],
  ...norm('text_model.final_layer_norm', 'txt/Encoder_0/encoder_norm'),
  ...dense('text_model.head', 'txt/head'),
  ['logit_scale', 't', 'flatten'],
  ['logit_bias', 'b', 'flatten'],
];

/** Hugging Face keeps the pooling head's three input projections as one matrix, in this order. */
export const FUSED_SOURCES = ['query', 'key', 'value'].map((name) => `${HEAD}/${ATTENTION}/${name}`);
export const FUSED_TARGET = 'vision_model.head.attention.in_proj';

const matrixShape = (shape: readonly number[], rowAxes: number): readonly [number, number] => [
  sizeOf(shape.slice(0, rowAxes)),
  sizeOf(shape.slice(rowAxes)),
];

/** The source's shape read as a matrix `(in, out)`. */
function kernelShape(transform: Transform, shape: readonly number[]): readonly [number, number] {
  return matrixShape(shape, transform === 'splitOut' ? 1 : shape.length - 1);
}

/** Shape after a transform. */
export function transformedShape(transform: Transform, shape: readonly number[]): readonly number[] {
  if (transform === 'keep') return shape;
  if (transform === 'flatten') return [sizeOf(shape)];
  if (transform === 'rows') return matrixShape(shape, shape.length - 1);
  if (transform === 'patch' && shape.length === 4) return [shape[3]!, shape[2]!, shape[0]!, shape[1]!];
  const [rows, columns] = kernelShape(transform, shape);
  return [columns, rows];
}

/** Applies a transform; data is copied only where elements move. */
export function applyTransform(transform: Transform, array: NdArray): NdArray {
  if (transform === 'patch' && array.shape.length === 4) return permute(array, [3, 2, 0, 1]);
  if (transform === 'keep' || transform === 'flatten' || transform === 'rows') {
    return ndarray(array.dtype, transformedShape(transform, array.shape), array.data);
  }
  return permute(ndarray(array.dtype, kernelShape(transform, array.shape), array.data), [1, 0]);
}
