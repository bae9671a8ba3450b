/**
 * SigLIP 2 in TypeScript. Start with {@link load}: it opens a model and embeds pictures and texts into one space.
 *
 * ```ts
 * import { load } from 'siglip2';
 * const encoder = await load('google/siglip2-base-patch16-224');
 * const [labels] = await encoder.classify(['cat.jpg'], ['a cat', 'un chien']);
 * console.log(labels);
 * await encoder.dispose();
 * ```
 *
 * The rest of the package is in subpaths: `siglip2/data` (samples and batches), `siglip2/train` (training and
 * fine-tuning), `siglip2/evaluate` (tasks and metrics), `siglip2/search` (collections of pictures), `siglip2/server`
 * (the page and the HTTP API) and `siglip2/tensor` (arrays, graphs and their engines).
 * @module siglip2
 */

// Load a model; embed, score and classify.

export {
  type LabelScore,
  type LogitScalars,
  matchProbabilities,
  type Templates,
} from './encoder/classify.ts';
export { EMBEDDED_MODEL } from './encoder/embeddedModel.ts';
export type { Embeddings } from './encoder/embeddings.ts';
export type {
  ClassifyOptions,
  EmbedImagesOptions,
  Encoder,
  ImageOptions,
  TokenCount,
} from './encoder/encoder.ts';
export { load } from './encoder/load.ts';
export type { LoadOptions } from './encoder/loadOptions.ts';
export { type FittedImage, fitToModel, type ModelImage } from './input/image/fittedImage.ts';
export type { EncoderImage, ImageSource } from './input/image/imageSource.ts';
export type { NaflexPicture } from './input/image/naflex/naflexPicture.ts';
export type { PromptTemplatesName } from './input/text/prompts.ts';

// What a model sees at each place of a picture: heatmaps and dense tasks.

export { type PatchScores, patchScores } from './encoder/patchScores.ts';
export type { ImageFeatures } from './encoder/towers/features.ts';
export type { PatchEmbeddings, PatchGrid } from './encoder/towers/patches.ts';

// Captions, and boxes for phrases, from models with a decoder.

export {
  type AnswerOptions,
  type Captioner,
  loadCaptioner,
  type WrittenBox,
  type WrittenText,
} from './encoder/captioner.ts';

// Where models are found.

export { CheckpointError } from './checkpoint/files/errors.ts';
export { HubError, type HubFailure } from './checkpoint/hub/hubError.ts';
export type { DownloadProgress, ResolveOptions } from './checkpoint/hub/options.ts';
export { resolveModel } from './checkpoint/hub/resolveModel.ts';
export {
  type ModelDirectory,
  type ModelFiles,
  openModelDirectory,
} from './checkpoint/huggingFace/directory.ts';
export type { WeightEntry, Weights } from './checkpoint/huggingFace/weights.ts';
export type { HeaderLimits, TensorEntry } from './checkpoint/safetensors/header.ts';

// Models for other programs, and smaller ones.

export { type ExportedFile, type ExportOptions, exportOnnx } from './checkpoint/export/exportOnnx.ts';
export type { ExportDType } from './checkpoint/export/onnxGraphs.ts';
export type { FloatDType } from './checkpoint/safetensors/castFloat.ts';
export { TensorOverflowError } from './checkpoint/safetensors/storedAs.ts';
export { type TrimModelOptions, type TrimReport, trimModel } from './checkpoint/trimModel.ts';
export type { TrimOptions } from './input/text/trim/trimTokenizer.ts';

// Pictures, and how they become what a model takes.

export type { Box } from './input/image/box.ts';
export { type DecodeOptions, decodeImage } from './input/image/decode/decodeImage.ts';
export type { ImageFormat } from './input/image/decode/imageFormat.ts';
export type {
  Channels,
  FixedPreprocessing,
  ImagePreprocessing,
  NaflexPreprocessing,
  Normalisation,
  Resample,
} from './input/image/preprocessing.ts';
export type { PillowFilter } from './input/image/resize/resamplingTable.ts';
export type { RgbImage } from './input/image/rgbImage.ts';
export type { LetterCase } from './input/text/letterCase.ts';

// What a model is.

export type {
  FixedVisionConfig,
  ModelConfig,
  NaflexVisionConfig,
  TextConfig,
  TowerConfig,
  VisionBase,
  VisionConfig,
} from './model/config.ts';
export type { LoccaDecoderConfig } from './model/locca/config.ts';

// What stood here before: for one release.

export * from './deprecated.ts';
