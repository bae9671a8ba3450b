import { attendTo, decoderBlock, type KeysAndValues, keysAndValues } from '../../nn/decoderBlock.ts';
import { norm } from '../../nn/layers.ts';
import { normal, type ParameterScope, ZEROS } from '../../nn/parameters.ts';
import {
  add,
  cast,
  constant,
  equal,
  float32,
  gather,
  int32,
  mul,
  pad,
  reshape,
  scalar,
  slice,
  staticDim,
  sub,
  type Tensor,
  where,
} from '../../tensor/index.ts';
import { PAD_ID } from '../config.ts';
import { type LoccaDecoderConfig, maskId } from './config.ts';

/** Scope of the decoder's parameters beside `vision_model` and `text_model`. */
export const LOCCA_DECODER = 'decoder';

/** Added to the scores of hidden keys. Finite, so that a fully masked row gives numbers and not NaN. */
const MASKED = -1e30;

/** What the decoder looks at. */
export interface ImageTokens {
  /** Un-pooled features of N images, after the vision tower's final norm, [N, S, visionSize]. */
  readonly tokens: Tensor;
  /** NaFlex: 1 for patches and 0 for padding, [N, S] int32. */
  readonly mask?: Tensor;
}

/** Texts to learn: K for each image, one after the other, so that row i belongs to image ⌊i/K⌋. */
export interface TargetTexts {
  /** Token ids, [N·K, T] int32. */
  readonly ids: Tensor;
  /** 1 where a text is predicted in parallel, [N·K] int32. Default: none. */
  readonly parallel?: Tensor;
}

/** Token and position embeddings: [vocabSize + 1, d] and [length, d]. */
export function loccaEmbeddings(scope: ParameterScope, config: LoccaDecoderConfig) {
  const { hiddenSize: d, vocabSize, length, embeddingStd } = config;
  const embeddings = scope.scope('embeddings');
  return {
    tokens: embeddings.get('token_embedding.weight', [vocabSize + 1, d], normal(embeddingStd)),
    positions: embeddings.get('position_embedding.weight', [length, d], normal(1 / Math.sqrt(d))),
  };
}

/** The vocabulary projection: kernel [vocabSize, d], which starts at zero (CapPa) unless it is tied, and bias. */
export function vocabularyProjection(
  scope: ParameterScope,
  config: LoccaDecoderConfig,
): { readonly kernel: Tensor; readonly bias: Tensor } {
  const { hiddenSize: d, vocabSize, tiedProjection } = config;
  const head = scope.scope('lm_head');
  return {
    kernel: tiedProjection
      ? slice(loccaEmbeddings(scope, config).tokens, 0, 0, vocabSize)
      : head.get('weight', [vocabSize, d], ZEROS),
    bias: head.get('bias', [vocabSize], ZEROS),
  };
}

/**
 * What each position is told: the token before it (0 before the first), or in parallel prediction nothing but the mask
 * token. ids: [R, T] → [R, T].
 */
function decoderInputs({ ids, parallel }: TargetTexts, config: LoccaDecoderConfig): Tensor {
  const [rows, length] = ids.shape;
  const shifted = pad(slice(ids, 1, 0, staticDim(length) - 1), 1, 1, 0);
  if (!parallel) return shifted;
  const one = constant(int32([], [1]));
  const mask = constant(int32([], [maskId(config)]));
  return where(equal(reshape(parallel, [rows!, 1]), one), mask, shifted);
}

/** Hides later positions, except where a text is predicted in parallel: [1 or R, 1, T, T]. */
function causalMask(length: number, parallel: Tensor | undefined): Tensor {
  const later = Array.from({ length: length * length }, (_, i) =>
    i % length > Math.floor(i / length) ? MASKED : 0,
  );
  const mask = constant(float32([1, 1, length, length], later));
  if (!parallel) return mask;
  const causal = sub(scalar(1), cast(parallel, 'float32'));
  return mul(mask, reshape(causal, [parallel.shape[0]!, 1, 1, 1]));
}

/** Hides padding of NaFlex images: [N, 1, 1, S]. */
function paddingMask(mask: Tensor): Tensor {
  const [images, size] = mask.shape;
  return reshape(mul(sub(scalar(1), cast(mask, 'float32')), scalar(MASKED)), [images!, 1, 1, size!]);
}

const layerScope = (scope: ParameterScope, layer: number): ParameterScope => scope.scope(`layers.${layer}`);

/** Keys and values of the images for every block's cross-attention, [N, S, d] each. */
export const imageKeysAndValues = (
  scope: ParameterScope,
  tokens: Tensor,
  config: LoccaDecoderConfig,
): KeysAndValues[] =>
  Array.from({ length: config.layers }, (_, layer) =>
    keysAndValues(layerScope(scope, layer).scope('cross_attn'), tokens, config, config.visionSize),
  );

/** Block `layer` of the decoder. */
export const loccaBlock = (
  scope: ParameterScope,
  layer: number,
  x: Tensor,
  config: LoccaDecoderConfig,
  attends: Parameters<typeof decoderBlock>[3],
): Tensor => decoderBlock(layerScope(scope, layer), x, config, attends);

/** The decoder's last normalisation. */
export const loccaFinalNorm = (scope: ParameterScope, x: Tensor, config: LoccaDecoderConfig): Tensor =>
  norm(scope.scope('final_layer_norm'), x, config);

/**
 * Runs the decoder over whole texts, for training (CapPa's decoder with cross-attention to each image; docs/paper.md).
 * The K texts of an image are one row of queries in the cross-attention, so that the image's keys and values are
 * computed and kept once, and one batch in everything else.
 * @param scope the decoder's own, e.g. `parameterScope(table, LOCCA_DECODER)`
 * @returns hidden states after the final norm, [N·K, T, d]; `vocabularyProjection` makes logits of them
 * @throws RangeError when the texts are no multiple of the images, or have another length than the decoder's
 */
export function loccaDecoder(
  scope: ParameterScope,
  texts: TargetTexts,
  image: ImageTokens,
  config: LoccaDecoderConfig,
): Tensor {
  const { hiddenSize: d, length } = config;
  const rows = staticDim(texts.ids.shape[0], 'the number of texts');
  const images = staticDim(image.tokens.shape[0], 'the number of images');
  if (rows % images !== 0 || texts.ids.shape[1] !== length) {
    throw new RangeError(
      `texts are [${texts.ids.shape.join(', ')}]; ${images} images need [${images}·K, ${length}]`,
    );
  }
  const queries = (rows / images) * length;
  const embeddings = loccaEmbeddings(scope, config);
  const causal = causalMask(length, texts.parallel);
  const padding = image.mask && paddingMask(image.mask);
  const seen = imageKeysAndValues(scope, image.tokens, config);
  let x = add(gather(embeddings.tokens, decoderInputs(texts, config), PAD_ID), embeddings.positions);
  for (let layer = 0; layer < config.layers; layer++) {
    x = loccaBlock(scope, layer, x, config, {
      self: (at, y) => attendTo(at, y, keysAndValues(at, y, config), config, causal),
      cross: (at, y) => {
        const byImage = reshape(y, [images, queries, d]);
        return reshape(attendTo(at, byImage, seen[layer]!, config, padding), [rows, length, d]);
      },
    });
  }
  return loccaFinalNorm(scope, x, config);
}
