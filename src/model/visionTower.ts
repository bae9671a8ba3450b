import { encoder } from '../nn/block.ts';
import { norm } from '../nn/layers.ts';
import { mapHead } from '../nn/mapHead.ts';
import { normal, type ParameterScope, xavierUniform, ZEROS } from '../nn/parameters.ts';
import {
  add,
  cast,
  linear,
  mul,
  reshape,
  scalar,
  slice,
  staticDim,
  sub,
  type Tensor,
  transpose,
} from '../tensor/index.ts';
import type { VisionConfig } from './config.ts';
import { naflexPositionEmbedding } from './naflexPosition.ts';
import { embedPositions, type PatchMasking } from './patchMasking.ts';
import { resizedPositions } from './resizedPositions.ts';

/** Every intermediate of a vision tower. Token rows of NaFlex padding are finite and meaningless. */
export interface VisionOutputs {
  /** Patch embeddings plus position embeddings, [B, T, d]. */
  readonly embeddings: Tensor;
  /** Output of each block, [B, T, d]. */
  readonly layers: readonly Tensor[];
  /** After the final norm: the un-pooled features, [B, T, d]. */
  readonly tokens: Tensor;
  /** MAP-head output, [B, d]. */
  readonly pooled: Tensor;
}

/** Added to the scores of padded keys. Finite, so that a fully masked row gives numbers and not NaN. */
const MASKED = -1e30;

/** Whole patches along the two sides of [B, 3, H, W]. */
const gridOf = ({ shape }: Tensor, patch: number): [number, number] => [
  Math.floor(staticDim(shape[2]) / patch),
  Math.floor(staticDim(shape[3]) / patch),
];

/** Cuts images into flattened patches in (channel, row, column) order: [B, 3, H, W] → [B, T, 3·p·p]. */
function patchify(pixels: Tensor, patch: number): Tensor {
  const [batch, channels] = pixels.shape;
  const [rows, columns] = gridOf(pixels, patch);
  // A convolution without padding never reads the rest (So400m/14 at 384: six rows and columns).
  const cropped = slice(slice(pixels, 2, 0, rows * patch), 3, 0, columns * patch);
  const split = reshape(cropped, [batch!, channels!, rows, patch, columns, patch]);
  const patches = transpose(split, [0, 2, 4, 1, 3, 5]);
  return reshape(patches, [batch!, rows * columns, staticDim(channels) * patch * patch]);
}

function encode(
  scope: ParameterScope,
  embeddings: Tensor,
  config: VisionConfig,
  keyMask?: Tensor,
): VisionOutputs {
  const [batch, tokens] = embeddings.shape;
  const layers = encoder(
    scope.scope('encoder'),
    embeddings,
    config,
    keyMask && reshape(keyMask, [batch!, 1, 1, tokens!]),
  );
  const normalized = norm(scope.scope('post_layernorm'), layers.at(-1) ?? embeddings, config);
  const pooled = mapHead(scope.scope('head'), normalized, config, keyMask);
  return { embeddings, layers, tokens: normalized, pooled };
}

/** How training looks at a picture otherwise than inference does. */
export interface FixedVisionOptions {
  /** Hides patches behind a mask token. Default: none. */
  readonly masking?: PatchMasking;
  /** Takes images of any size, with positions resized to their grid (see resizedPositions.ts). Default: refused. */
  readonly resizePositions?: boolean;
}

/**
 * Fixed-resolution vision transformer (big_vision vit.py). No class token, learned positions.
 * @param pixels [B, 3, H, W] in [−1, 1]
 * @throws RangeError when the image's grid is not the model's and positions are not to be resized
 */
export function fixedVisionTower(
  scope: ParameterScope,
  pixels: Tensor,
  config: VisionConfig,
  options: FixedVisionOptions = {},
): VisionOutputs {
  const { hiddenSize: d, patchSize: p, channels, numPatches } = config;
  const size = channels * p * p;
  const embedding = scope.scope('embeddings');
  const kernel = embedding.get('patch_embedding.weight', [d, channels, p, p], xavierUniform(size, d));
  const bias = embedding.get('patch_embedding.bias', [d], ZEROS);
  const learned = embedding.get('position_embedding.weight', [numPatches, d], normal(1 / Math.sqrt(d)));
  const positions = options.resizePositions ? resizedPositions(learned, ...gridOf(pixels, p)) : learned;
  const patches = linear(patchify(pixels, p), reshape(kernel, [d, size]), bias);
  return encode(scope, embedPositions(patches, positions, options.masking), config);
}

/**
 * NaFlex vision transformer: native aspect ratio, padded patch sequences (big_vision naflex_vit.py).
 * @param patches [B, N, p·p·3], each flattened (row, column, channel)
 * @param mask [B, N] int32, 1 for patches and 0 for padding
 * @param spatialShapes [B, 2] int32, rows and columns in patches
 */
export function naflexVisionTower(
  scope: ParameterScope,
  patches: Tensor,
  mask: Tensor,
  spatialShapes: Tensor,
  config: VisionConfig,
): VisionOutputs {
  const { hiddenSize: d, patchSize: p, channels, numPatches } = config;
  const size = channels * p * p;
  const embedding = scope.scope('embeddings');
  const kernel = embedding.get('patch_embedding.weight', [d, size], xavierUniform(size, d));
  const bias = embedding.get('patch_embedding.bias', [d], ZEROS);
  const grid = embedding.get('position_embedding.weight', [numPatches, d], normal(1 / Math.sqrt(d)));
  const positions = naflexPositionEmbedding(grid, spatialShapes, mask);
  const [batch, length] = mask.shape;
  const keyMask = reshape(mul(sub(scalar(1), cast(mask, 'float32')), scalar(MASKED)), [batch!, 1, length!]);
  return encode(scope, add(linear(patches, kernel, bias), positions), config, keyMask);
}
