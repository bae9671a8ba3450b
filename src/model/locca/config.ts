import type { Biases } from '../../nn/layers.ts';
import { check, consistent, count, flag, positive, settings } from '../../tensor/settings.ts';
import { headsFlaw, type ModelConfig, type TowerConfig, towerFields } from '../config.ts';

/**
 * LocCa's decoder (paper §2.2, docs/paper.md): a transformer that writes text, looking at the un-pooled image tokens.
 * It is used in training, and afterwards by whoever wants captions and boxes.
 */
export interface LoccaDecoderConfig extends TowerConfig {
  /** Width of the image tokens: the vision tower's. */
  readonly visionSize: number;
  /** Tokens that it can write. The embedding has one row more: the mask token of parallel prediction. */
  readonly vocabSize: number;
  /** Tokens per text, padding included. */
  readonly length: number;
  readonly biases: { readonly attention: boolean; readonly mlpAndNorm: boolean };
  /**
   * Whether the vocabulary projection is the token embedding (without the mask token). The paper says nothing of it;
   * CapPa's is separate.
   */
  readonly tiedProjection: boolean;
  /** Standard deviation of fresh token embeddings. */
  readonly embeddingStd: number;
}

const decoderSchema = consistent<LoccaDecoderConfig>(
  settings<LoccaDecoderConfig>({
    ...towerFields,
    visionSize: count,
    vocabSize: count,
    length: count,
    biases: settings<Biases>({ attention: flag, mlpAndNorm: flag }),
    tiedProjection: flag,
    embeddingStd: positive,
  }),
  headsFlaw,
);

/** The id that stands for every token in parallel prediction. */
export const maskId = ({ vocabSize }: LoccaDecoderConfig): number => vocabSize;

/**
 * The paper's decoder for a model: the text tower's shapes with cross-attention and half the layers, rounded down
 * (So400m has 27, and the paper does not say how it rounds: docs/paper.md). Biases are the text tower's ("same
 * shapes"); CapPa's decoder has none: `biases: { attention: false, mlpAndNorm: false }`. Separate projection and
 * embedding std 1 are CapPa's.
 * @throws RangeError when a size is not positive or the heads do not divide the width
 * @example
 * const decoder = loccaDecoderConfig(variantConfig('B/16'), { length: 32 });
 */
export function loccaDecoderConfig(
  { vision, text }: ModelConfig,
  changes: Partial<LoccaDecoderConfig> = {},
): LoccaDecoderConfig {
  const config: LoccaDecoderConfig = {
    hiddenSize: text.hiddenSize,
    intermediateSize: text.intermediateSize,
    layers: Math.max(1, Math.floor(text.layers / 2)),
    heads: text.heads,
    layerNormEps: text.layerNormEps,
    visionSize: vision.hiddenSize,
    vocabSize: text.vocabSize,
    length: text.length,
    biases: { attention: true, mlpAndNorm: true },
    tiedProjection: false,
    embeddingStd: 1,
    ...changes,
  };
  assertLoccaDecoderConfig(config);
  return config;
}

/** @throws RangeError when a size is no positive integer or the heads do not divide the width. */
export function assertLoccaDecoderConfig(config: LoccaDecoderConfig): void {
  check('decoder', decoderSchema, config);
}
