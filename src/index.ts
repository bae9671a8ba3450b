/**
 * SigLIP 2 in TypeScript. Start with {@link load}:
 *
 * ```ts
 * import { load } from 'siglip2';
 * const encoder = await load('google/siglip2-base-patch16-224');
 * const [labels] = await encoder.classify(['cat.jpg'], ['a cat', 'un chien']);
 * ```
 *
 * `siglip2/tensor` is the graph engine, `siglip2/server` the page and the HTTP API.
 * @module
 */

// Models in other formats and places.
export { type BigVisionCheckpoint, openBigVision } from './checkpoint/bigvision.ts';
export {
  type DecoderContents,
  type DecoderFiles,
  openDecoder,
  saveDecoder,
} from './checkpoint/decoder.ts';
export type { DecoderDescription } from './checkpoint/decoderConfig.ts';
export {
  type ModelContents,
  type ModelDirectory,
  openModelDirectory,
  type SaveOptions,
  saveModelDirectory,
} from './checkpoint/directory.ts';
export { CheckpointError } from './checkpoint/errors.ts';
export { type ExportDType, type ExportOptions, exportOnnx, type Opset } from './checkpoint/export-onnx.ts';
export {
  type DownloadProgress,
  HubError,
  type HubFailure,
  type ResolveOptions,
  resolveModel,
} from './checkpoint/hub.ts';
export { openSafetensors, type SafetensorsFile } from './checkpoint/safetensors-reader.ts';
export { type NamedTensors, type WriteOptions, writeSafetensors } from './checkpoint/safetensors-writer.ts';
export { TensorOverflowError } from './checkpoint/storedAs.ts';
export { type TrimModelOptions, type TrimReport, trimModel } from './checkpoint/trim-model.ts';
// Data: region annotation and balance.
export { type AnnotateSettings, annotate } from './data/annotate/annotate.ts';
export {
  type AnnotateSamplesOptions,
  type AnnotationMemory,
  annotateSamples,
} from './data/annotate/annotateSamples.ts';
export type { Detection, Detector } from './data/annotate/detector.ts';
export {
  HEATMAP_DEFAULTS,
  type HeatmapDetectorSettings,
  heatmapDetector,
} from './data/annotate/heatmapDetector.ts';
export { KEEP_DEFAULTS, type KeepSettings, keepDetections } from './data/annotate/keepRules.ts';
export { knownBoxes } from './data/annotate/knownBoxes.ts';
export { captionQueries, QUERY_DEFAULTS, type QuerySettings } from './data/annotate/queries.ts';
// Training views of pictures, and what becomes of their boxes.
export {
  type ColourAugmentation,
  DINO_FIRST_GLOBAL,
  DINO_LOCAL,
  DINO_SECOND_GLOBAL,
} from './data/augment/colourAugmentation.ts';
export { boxInView, type ViewGeometry } from './data/augment/geometry.ts';
export {
  DINO_COLOURS,
  type MultiCrop,
  type MultiCropBatch,
  type MultiCropOptions,
  multiCropBatch,
  SAME_COLOURS,
  silcViews,
  type ViewColours,
  type ViewOptions,
} from './data/augment/multiCrop.ts';
export { type BalanceOptions, type BalanceResult, balance, isKept } from './data/balance/balance.ts';
export {
  BALANCE_DEFAULTS,
  type Balancer,
  type BalanceSettings,
  createBalancer,
} from './data/balance/balancer.ts';
export {
  type BalancedSamples,
  type BalanceSamplesOptions,
  balanceSamples,
} from './data/balance/balanceSamples.ts';
export type { BalanceExample, BalanceSchema } from './data/balance/example.ts';
export { captionReader, DEFAULT_LEXICON, type Lexicon, schemaOf } from './data/balance/lexicon.ts';
export type { BalanceReport, BalanceRow } from './data/balance/report.ts';
// Data: samples, where they come from, in which order, and batches of them (docs/data.md).
export {
  type BatchMaker,
  type BatchSource,
  type BatchSourceOptions,
  batchSource,
} from './data/batches/batchSource.ts';
// Fine-tuning (docs/finetune.md).
export { withCaptionIds } from './data/batches/captionIds.ts';
export {
  type BatchSample,
  type PairBatch,
  type PairBatchOptions,
  type PairBatchShape,
  pairBatches,
} from './data/batches/pairBatches.ts';
export {
  filePositions,
  type KnownPosition,
  memoryPositions,
  type PositionStore,
} from './data/batches/positions.ts';
export type { DecodedSample } from './data/decode.ts';
export { classesOf, heldOut, subset } from './data/holdOut.ts';
export { describeDifference, identifySource } from './data/identity.ts';
export {
  type CaptionedBox,
  type LoccaBatch,
  type LoccaBatchOptions,
  type LoccaExample,
  loccaBatch,
} from './data/locca/batch.ts';
export type { BadReason, BadSample, Caption, Read, Region, Sample } from './data/sample.ts';
export { type Scan, type ScanOptions, scanSource } from './data/scan.ts';
export { type WriteShardsOptions, type WrittenShard, writeShards } from './data/shards/writeShards.ts';
export { type CocoOptions, coco } from './data/sources/coco.ts';
export { imageFiles } from './data/sources/imageFiles.ts';
export { type ImageFolderOptions, imageFolder } from './data/sources/imageFolder.ts';
export type { ParquetColumns } from './data/sources/parquet/columns.ts';
export { type ParquetOptions, parquet } from './data/sources/parquet.ts';
export { readSource } from './data/sources/readSource.ts';
export type {
  IndexedSource,
  ShardedSource,
  ShardRead,
  Source,
  SourceOptions,
} from './data/sources/source.ts';
export { webdataset } from './data/sources/webdataset.ts';
export { indexedStream } from './data/stream/indexedStream.ts';
export { type LanguageMixture, languageMixture, PAPER_LANGUAGES } from './data/stream/languages.ts';
export { type LookAheadOptions, lookAhead, mapAhead } from './data/stream/lookAhead.ts';
export { type MixturePart, mixture } from './data/stream/mixture.ts';
export { sampleStream } from './data/stream/sampleStream.ts';
export { select } from './data/stream/select.ts';
export { type ShardedStreamOptions, shardedStream } from './data/stream/shardedStream.ts';
export type { Json, Position, SampleStream, StreamItem, StreamOptions } from './data/stream/stream.ts';
export {
  createTally,
  type Tally,
  type TallyReport,
  type TallySettings,
  TooManyBadSamplesError,
  tallyText,
} from './data/tally.ts';
export {
  type AnswerOptions,
  type Captioner,
  loadCaptioner,
  type WrittenBox,
  type WrittenText,
} from './encoder/captioner.ts';
// The face: load a model, embed, score, classify.
export {
  type ClassifyOptions,
  EMBEDDED_MODEL,
  type Embeddings,
  type EmbedImagesOptions,
  type Encoder,
  type ImageFeatures,
  type ImageOptions,
  type ImageSource,
  type LabelScore,
  type LoadOptions,
  load,
  type PatchEmbeddings,
  type Templates,
} from './encoder.ts';
// Evaluation. Each result has the level that chance would reach beside it.
export { type DepthExample, type DepthResult, evaluateDepth } from './evaluate/depth.ts';
export { type DescribedResult, evaluateDescribed } from './evaluate/described.ts';
export {
  evaluateFewShot,
  type FewShotOptions,
  type FewShotResult,
  type LabelledFeatures,
} from './evaluate/fewShot.ts';
export { type Matrix, matrix } from './evaluate/linear/matrix.ts';
export { IGNORED, type SegmentationScores } from './evaluate/meanIoU.ts';
export { type ReferringResult, type ReferringTruth, referringAccuracy } from './evaluate/referring.ts';
export { type DescribedImage, evaluateRetrieval, type RetrievalResult } from './evaluate/retrieval.ts';
export {
  evaluateSegmentation,
  type SegmentationExample,
  type SegmentationOptions,
  type SegmentationResult,
} from './evaluate/segmentation.ts';
export { evaluateZeroShot, type ZeroShotOptions, type ZeroShotResult } from './evaluate/zeroShot.ts';

// What models are fed with.
export { type Box, boxArea, intersectionOverUnion, normaliseBox, scaleBox } from './input/image/box.ts';
export {
  type FixedPreprocessing,
  fixedPreprocessing,
  type ImagePreprocessing,
  type NaflexPreprocessing,
  naflexPreprocessing,
} from './input/image/config.ts';
export { type DecodeOptions, decodeImage } from './input/image/decode.ts';
export type { NaflexPixels } from './input/image/naflexPicture.ts';
export { type ImageSize, naflexSize } from './input/image/naflexSize.ts';
export {
  type FixedPixels,
  preprocessFixed,
  preprocessNaflex,
} from './input/image/preprocess.ts';
export { type RgbImage, rgbImage } from './input/image/rgbImage.ts';
export type { LetterCase } from './input/text/letter-case.ts';
export { BOX_FORMAT, type BoxFormat, findBox, formatBox, parseBox } from './input/text/locca/boxText.ts';
export { LOCCA_FORMAT, LOCCA_TASKS, type LoccaFormat, type LoccaTask } from './input/text/locca/format.ts';
export { PROMPT_TEMPLATES, type PromptTemplatesName, promptsFor } from './input/text/prompts.ts';
export { loadTokenizer, type TextTokenizer, type TokenizerOptions } from './input/text/tokenizer.ts';
export { type TrimmedTokenizer, type TrimOptions, trimTokenizer } from './input/text/trim.ts';
// Architectures.
export type {
  FixedVisionConfig,
  ModelConfig,
  NaflexVisionConfig,
  TextConfig,
  VisionConfig,
} from './model/config.ts';
export { type LoccaDecoderConfig, loccaDecoderConfig } from './model/loccaConfig.ts';
export { VARIANTS, type Variant, variantConfig } from './model/variants.ts';
export { type DType, float32, int32, type NdArray, ndarray } from './tensor/ndarray.ts';
// Training: a recipe is a module whose default export is a Recipe.
export { type AdaptOptions, adaptVision, withoutMoments } from './train/adaptVision.ts';
export { type ChunkSizes, cachedContrastiveObjective } from './train/cached/contrastive.ts';
export type { CachedObjective } from './train/cached/objective.ts';
export { type ContrastiveBatch, contrastiveObjective } from './train/contrastive.ts';
export { type Curation, type CurationOptions, createCuration } from './train/curation/curation.ts';
export { type PairScorer, type ScorerOptions, teacherScorer } from './train/curation/pairScorer.ts';
export {
  ACID_EXAMPLES,
  ACID_FILTER_RATIO,
  ACID_OPTIMIZER,
  CURATION_DEFAULTS,
  type CurationScore,
  type CurationSettings,
  superBatchSize,
} from './train/curation/settings.ts';
export { type ChunkPlan, chooseChunk, planChunk } from './train/finetune/chunkSize.ts';
export { type FinetuneOptions, finetune } from './train/finetune/finetune.ts';
export { type FinetuneModel, finetuneObjective } from './train/finetune/objective.ts';
export { saveFinetuned } from './train/finetune/saveFinetuned.ts';
export {
  FINETUNE_DEFAULTS,
  type FinetuneSettings,
  FREEZABLE,
  type Freezable,
  frozenBy,
} from './train/finetune/settings.ts';
export {
  type BestState,
  bestState,
  type HeldOut,
  type Measured,
  readMeasurements,
} from './train/keepBest.ts';
export { type Locca, type LoccaSettings, locca } from './train/locca.ts';
export {
  type TokenAverage,
  type VocabularyCrossEntropyInputs,
  vocabularyCrossEntropy,
} from './train/losses/captioningLoss.ts';
export { type SigmoidLossInputs, type SigmoidLossOptions, sigmoidLoss } from './train/losses/sigmoidLoss.ts';
export { drawMaskedPositions } from './train/maskedPositions.ts';
export type { MuonConfig } from './train/muon.ts';
export { type OptimizerConfig, PAPER_OPTIMIZER } from './train/optimizer.ts';
export { availableMemory, type MachineMemory, machineMemory } from './train/plan/machineMemory.ts';
export { planStages } from './train/plan/planStages.ts';
export { planTimeline } from './train/plan/planTimeline.ts';
export type { StagePlan } from './train/plan/runPlan.ts';
export { planMemory, type StepMemory, stepFlops } from './train/planStep.ts';
export type { ModelFiles, PreparedRecipe, Recipe, RecipeOptions, Stage } from './train/recipe.ts';
export { writeReport } from './train/report/writeReport.ts';
export { RunFolderError, type RunLock, takeRunFolder } from './train/runFolder.ts';
export { saveTrainedModel } from './train/saveModel.ts';
export { positionAt, type Schedule, type SchedulePart, scheduleAt } from './train/schedule.ts';
export type { Select, Selection } from './train/select.ts';
export { type SelfSupervision, selfSupervision } from './train/selfSupervision.ts';
export { paperSelfSupervision, type SelfSupervisionSettings } from './train/selfSupervisionSettings.ts';
export { type StagesOptions, trainStages } from './train/stages.ts';
export type { Carried, Objective, StepOptions, TrainState } from './train/step.ts';
export { drawLengths, type LengthDraws } from './train/timeline/lengthDraws.ts';
export { PAPER_NAFLEX, paperTimeline } from './train/timeline/paper.ts';
export { segmentModel } from './train/timeline/segmentModel.ts';
export { type SegmentBatch, segmentObjective } from './train/timeline/segmentObjective.ts';
export type * from './train/timeline/timeline.ts';
export { type TimelineBatchesOptions, timelineBatches } from './train/timeline/timelineBatches.ts';
export {
  type BatchRequest,
  type TimelineData,
  type TimelineRunOptions,
  timelineRun,
} from './train/timeline/timelineRun.ts';
export { type TimelineStage, timelineStages } from './train/timeline/timelineStages.ts';
export {
  TrainingDivergedError,
  type TrainOptions,
  type TrainPlan,
  type TrainProgress,
  type TrainResult,
  train,
} from './train/trainer.ts';
