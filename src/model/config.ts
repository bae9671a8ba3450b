import {
  consistent,
  count,
  flag,
  kinds,
  listOf,
  oneOf,
  optional,
  positive,
  settings,
  text,
} from '../tensor/settings.ts';

/** What both towers' transformer encoders share. */
export interface TowerConfig {
  /** Width d of the residual stream. */
  readonly hiddenSize: number;
  /** Width of the MLP's hidden layer. */
  readonly intermediateSize: number;
  /** Number of transformer blocks. */
  readonly layers: number;
  /** Attention heads; divides {@link hiddenSize}. */
  readonly heads: number;
  readonly layerNormEps: number;
}

/** What the vision towers of both kinds have. */
export interface VisionBase extends TowerConfig {
  /** Side of a square patch, in pixels. */
  readonly patchSize: number;
  /** Colour channels of the input image. */
  readonly channels: number;
  /** Rows of the position embedding: one per patch (fixed), or the side-by-side grid that is resized (NaFlex). */
  readonly numPatches: number;
  /** Whether the tower ends in the attention pooling (MAP) head. */
  readonly useHead: boolean;
}

/** A tower for one square resolution; its patch embedding is a convolution `[d, channels, p, p]`. */
export interface FixedVisionConfig extends VisionBase {
  readonly kind: 'fixed';
  /** Side of the square input image, in pixels. Pixels past the last whole patch are never read. */
  readonly imageSize: number;
}

/** A tower for any size and aspect ratio; its patch embedding is linear `[d, p·p·channels]`, channel fastest. */
export interface NaflexVisionConfig extends VisionBase {
  readonly kind: 'naflex';
}

export type VisionConfig = FixedVisionConfig | NaflexVisionConfig;

/** The id that fills texts up, in every SigLIP 2 vocabulary (big_vision `ops_text.py`). */
export const PAD_ID = 0;

export interface TextConfig extends TowerConfig {
  /** Rows of the token embedding. */
  readonly vocabSize: number;
  /** Tokens per text, padding included. */
  readonly length: number;
  /** Width of the text head's output: the joint embedding width, equal to the vision tower's width. */
  readonly projectionSize: number;
}

/** Everything about a two-tower model that its weights do not say. */
export interface ModelConfig {
  readonly vision: VisionConfig;
  readonly text: TextConfig;
  /**
   * What classification puts around a label, "{}" for the label itself; `['{}']` for a model that learnt bare names.
   * Default: `clip_best`, as released models are evaluated (big_vision `prompt_engineering.py`).
   */
  readonly promptTemplates?: readonly string[];
}

export const towerFields = {
  hiddenSize: count,
  intermediateSize: count,
  layers: count,
  heads: count,
  layerNormEps: positive,
};

export const headsFlaw = ({ hiddenSize, heads }: TowerConfig): string | undefined =>
  hiddenSize % heads === 0 ? undefined : `hiddenSize ${hiddenSize} is not a multiple of its ${heads} heads`;

export const towerSchema = consistent<TowerConfig>(settings<TowerConfig>(towerFields), headsFlaw);

const visionFields = { ...towerFields, patchSize: count, channels: count, numPatches: count, useHead: flag };

function fixedFlaw(config: FixedVisionConfig): string | undefined {
  const { imageSize, patchSize, numPatches } = config;
  const patches = Math.floor(imageSize / patchSize) ** 2;
  if (patches !== numPatches)
    return `numPatches is ${numPatches}; an imageSize of ${imageSize} with a patchSize of ${patchSize} makes ${patches}`;
  return headsFlaw(config);
}

export const visionSchema = kinds<VisionConfig>({
  fixed: consistent<FixedVisionConfig>(
    settings<FixedVisionConfig>({ kind: oneOf(['fixed']), ...visionFields, imageSize: count }),
    fixedFlaw,
  ),
  naflex: consistent<NaflexVisionConfig>(
    settings<NaflexVisionConfig>({ kind: oneOf(['naflex']), ...visionFields }),
    headsFlaw,
  ),
});

export const textSchema = consistent<TextConfig>(
  settings<TextConfig>({ ...towerFields, vocabSize: count, length: count, projectionSize: count }),
  headsFlaw,
);

export const modelConfigSchema = settings<ModelConfig>({
  vision: visionSchema,
  text: textSchema,
  promptTemplates: optional(listOf(text, 1)),
});
