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
export { type BigVisionCheckpoint, openBigVision } from './checkpoint/bigVision/bigVision.ts';
export { type ExportOptions, exportOnnx } from './checkpoint/export/exportOnnx.ts';
export type { ExportDType } from './checkpoint/export/onnxGraphs.ts';
export { CheckpointError } from './checkpoint/files/errors.ts';
export { HubError, type HubFailure } from './checkpoint/hub/hubError.ts';
export type { DownloadProgress, ResolveOptions } from './checkpoint/hub/options.ts';
export { resolveModel } from './checkpoint/hub/resolveModel.ts';
export {
  type DecoderContents,
  type DecoderFiles,
  openDecoder,
  saveDecoder,
} from './checkpoint/huggingFace/decoder.ts';
export type { DecoderDescription } from './checkpoint/huggingFace/decoderConfig.ts';
export {
  type ModelContents,
  type ModelDirectory,
  openModelDirectory,
  type SaveOptions,
  saveModelDirectory,
} from './checkpoint/huggingFace/directory.ts';
export { openSafetensors, type SafetensorsFile } from './checkpoint/safetensors/reader.ts';
export { TensorOverflowError } from './checkpoint/safetensors/storedAs.ts';
export { type NamedTensors, type WriteOptions, writeSafetensors } from './checkpoint/safetensors/writer.ts';
export { type TrimModelOptions, type TrimReport, trimModel } from './checkpoint/trimModel.ts';
// Data: region annotation and balance.
export { type AnnotateSettings, annotate } from './data/annotation/annotate.ts';
export {
  type AnnotateSamplesOptions,
  type AnnotationMemory,
  annotateSamples,
} from './data/annotation/annotateSamples.ts';
export type { Detection, Detector } from './data/annotation/detector.ts';
export {
  HEATMAP_DEFAULTS,
  type HeatmapDetectorSettings,
  heatmapDetector,
} from './data/annotation/heatmapDetector.ts';
export { KEEP_DEFAULTS, type KeepSettings, keepDetections } from './data/annotation/keepRules.ts';
export { knownBoxes } from './data/annotation/knownBoxes.ts';
export { captionQueries, QUERY_DEFAULTS, type QuerySettings } from './data/annotation/queries.ts';
// Training views of pictures, and what becomes of their boxes.
export {
  type ColourAugmentation,
  DINO_FIRST_GLOBAL,
  DINO_LOCAL,
  DINO_SECOND_GLOBAL,
} from './data/augmentation/colourAugmentation.ts';
export { boxInView, type ViewGeometry } from './data/augmentation/geometry.ts';
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
} from './data/augmentation/multiCrop.ts';
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
  type CaptionedBox,
  type LoccaBatch,
  type LoccaBatchOptions,
  type LoccaExample,
  loccaBatch,
} from './data/batches/loccaBatch.ts';
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
export type { DecodedSample } from './data/samples/decodeSample.ts';
export type { BadReason, BadSample, Caption, Read, Region, Sample } from './data/samples/sample.ts';
export {
  createTally,
  type Tally,
  type TallyReport,
  type TallySettings,
  TooManyBadSamplesError,
  tallyText,
} from './data/samples/tally.ts';
export { type WriteShardsOptions, type WrittenShard, writeShards } from './data/shards/writeShards.ts';
export { type CocoOptions, coco } from './data/sources/coco/coco.ts';
export { imageFiles } from './data/sources/folder/imageFiles.ts';
export { type ImageFolderOptions, imageFolder } from './data/sources/folder/imageFolder.ts';
export { classesOf, heldOut, subset } from './data/sources/holdOut.ts';
export { describeDifference, identifySource } from './data/sources/identity.ts';
export type { ParquetColumns } from './data/sources/parquet/columns.ts';
export { type ParquetOptions, parquet } from './data/sources/parquet/parquet.ts';
export { readSource } from './data/sources/readSource.ts';
export { type Scan, type ScanOptions, scanSource } from './data/sources/scanSource.ts';
export type {
  IndexedSource,
  ShardedSource,
  ShardRead,
  Source,
  SourceOptions,
} from './data/sources/source.ts';
export { webdataset } from './data/sources/webdataset/webdataset.ts';
export { indexedStream } from './data/streams/indexedStream.ts';
export { type LanguageMixture, languageMixture, PAPER_LANGUAGES } from './data/streams/languages.ts';
export { type LookAheadOptions, lookAhead, mapAhead } from './data/streams/lookAhead.ts';
export { type MixturePart, mixture } from './data/streams/mixture.ts';
export { sampleStream } from './data/streams/sampleStream.ts';
export { select } from './data/streams/select.ts';
export { type ShardedStreamOptions, shardedStream } from './data/streams/shardedStream.ts';
export type { Json, Position, SampleStream, StreamItem, StreamOptions } from './data/streams/stream.ts';
export {
  type AnswerOptions,
  type Captioner,
  loadCaptioner,
  type WrittenBox,
  type WrittenText,
} from './encoder/captioner.ts';
export type { LabelScore, Templates } from './encoder/classify.ts';
export { EMBEDDED_MODEL } from './encoder/embeddedModel.ts';
export type { Embeddings } from './encoder/embeddings.ts';
// The face: load a model, embed, score, classify.
export type { ClassifyOptions, EmbedImagesOptions, Encoder, ImageOptions } from './encoder/encoder.ts';
export { load } from './encoder/load.ts';
export type { LoadOptions } from './encoder/loadOptions.ts';
export type { ImageFeatures } from './encoder/towers/features.ts';
export type { PatchEmbeddings } from './encoder/towers/patches.ts';
export { IGNORED, type SegmentationScores } from './evaluate/metrics/meanIoU.ts';
export { type Matrix, matrix } from './evaluate/probes/matrix.ts';
// Evaluation. Each result has the level that chance would reach beside it.
export { type DepthExample, type DepthResult, evaluateDepth } from './evaluate/tasks/depth.ts';
export { type DescribedResult, evaluateDescribed } from './evaluate/tasks/described.ts';
export {
  evaluateFewShot,
  type FewShotOptions,
  type FewShotResult,
  type LabelledFeatures,
} from './evaluate/tasks/fewShot.ts';
export { type ReferringResult, type ReferringTruth, referringAccuracy } from './evaluate/tasks/referring.ts';
export { type DescribedImage, evaluateRetrieval, type RetrievalResult } from './evaluate/tasks/retrieval.ts';
export {
  evaluateSegmentation,
  type SegmentationExample,
  type SegmentationOptions,
  type SegmentationResult,
} from './evaluate/tasks/segmentation.ts';
export { evaluateZeroShot, type ZeroShotOptions, type ZeroShotResult } from './evaluate/tasks/zeroShot.ts';
// What models are fed with.
export { type Box, boxArea, intersectionOverUnion, normaliseBox, scaleBox } from './input/image/box.ts';
export { type DecodeOptions, decodeImage } from './input/image/decode/decodeImage.ts';
export type { ImageSource } from './input/image/imageSource.ts';
export type { NaflexPixels } from './input/image/naflex/naflexPicture.ts';
export { type ImageSize, naflexSize } from './input/image/naflex/naflexSize.ts';
export {
  type FixedPixels,
  preprocessFixed,
  preprocessNaflex,
} from './input/image/preprocess.ts';
export {
  type FixedPreprocessing,
  fixedPreprocessing,
  type ImagePreprocessing,
  type NaflexPreprocessing,
  naflexPreprocessing,
} from './input/image/preprocessing.ts';
export { type RgbImage, rgbImage } from './input/image/rgbImage.ts';
export type { LetterCase } from './input/text/letterCase.ts';
export { BOX_FORMAT, type BoxFormat, findBox, formatBox, parseBox } from './input/text/locca/boxText.ts';
export { LOCCA_FORMAT, LOCCA_TASKS, type LoccaFormat, type LoccaTask } from './input/text/locca/format.ts';
export { PROMPT_TEMPLATES, type PromptTemplatesName, promptsFor } from './input/text/prompts.ts';
export {
  loadTokenizer,
  type TextTokenizer,
  type TokenizerOptions,
} from './input/text/tokenizer/loadTokenizer.ts';
export { type TrimmedTokenizer, type TrimOptions, trimTokenizer } from './input/text/trim/trimTokenizer.ts';
// Architectures.
export type {
  FixedVisionConfig,
  ModelConfig,
  NaflexVisionConfig,
  TextConfig,
  VisionConfig,
} from './model/config.ts';
export { type LoccaDecoderConfig, loccaDecoderConfig } from './model/locca/config.ts';
export { VARIANTS, type Variant, variantConfig } from './model/variants.ts';
export type { Opset } from './tensor/index.ts';
export { type DType, float32, int32, type NdArray, ndarray } from './tensor/ndarray.ts';
export type { StageCost } from './train/cost/cost.ts';
export { availableMemory, type MachineMemory, machineMemory } from './train/cost/machine/machineMemory.ts';
export { stageCosts } from './train/cost/stageCost.ts';
export { stepFlops, stepMemory } from './train/cost/stepCost.ts';
export type { StepMemory } from './train/cost/stepMemory.ts';
export { timelineCosts } from './train/cost/timelineCost.ts';
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
export { type ChunkCost, chooseChunk, chunkCost } from './train/finetune/chunkSize.ts';
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
export type { ChunkedObjective } from './train/losses/chunkedObjective.ts';
export {
  type TokenAverage,
  type VocabularyCrossEntropyInputs,
  vocabularyCrossEntropy,
} from './train/losses/locca/captioningLoss.ts';
export { type Locca, type LoccaSettings, locca } from './train/losses/locca/locca.ts';
export type { Carried, Objective } from './train/losses/objective.ts';
export { drawMaskedPositions } from './train/losses/selfSupervision/maskedPositions.ts';
export { type SelfSupervision, selfSupervision } from './train/losses/selfSupervision/selfSupervision.ts';
export {
  paperSelfSupervision,
  type SelfSupervisionSettings,
} from './train/losses/selfSupervision/settings.ts';
export { type ChunkSizes, chunkedContrastiveObjective } from './train/losses/sigmoid/chunkedContrastive.ts';
export { type ContrastiveBatch, contrastiveObjective } from './train/losses/sigmoid/contrastive.ts';
export {
  type SigmoidLossInputs,
  type SigmoidLossOptions,
  sigmoidLoss,
} from './train/losses/sigmoid/sigmoidLoss.ts';
export type { ModelFiles, PreparedRecipe, Recipe, RecipeOptions, Stage } from './train/recipe.ts';
export {
  type BestState,
  bestState,
  type HeldOut,
  type Measured,
  readMeasurements,
} from './train/run/best/keepBest.ts';
export { TrainingDivergedError } from './train/run/diverged.ts';
export { RunFolderError, type RunLock, takeRunFolder } from './train/run/folder.ts';
export { writeReport } from './train/run/report/writeReport.ts';
export { saveTrainedModel } from './train/run/saveModel.ts';
export { type TrainOptions, type TrainProgress, type TrainResult, train } from './train/run/trainer.ts';
export type { Training } from './train/run/training.ts';
export { type StagesOptions, trainStages } from './train/run/trainStages.ts';
export { type OptimizerConfig, PAPER_OPTIMIZER } from './train/step/optimizer/config.ts';
export type { MuonConfig } from './train/step/optimizer/muon.ts';
export { positionAt, type Schedule, type SchedulePart, scheduleAt } from './train/step/optimizer/schedule.ts';
export type { Select, Selection } from './train/step/select.ts';
// Training: a recipe is a module whose default export is a Recipe.
export { type AdaptOptions, adaptVision, withoutMoments } from './train/step/state/adaptVision.ts';
export type { TrainState } from './train/step/state/state.ts';
export type { StepOptions } from './train/step/step.ts';
export { drawLengths, type LengthDraws } from './train/timeline/lengthDraws.ts';
export { PAPER_NAFLEX, paperTimeline } from './train/timeline/paper.ts';
export { stageModel } from './train/timeline/stageModel.ts';
export { type StageBatch, stageObjective } from './train/timeline/stageObjective.ts';
export { type StageSchedule, stageSchedules } from './train/timeline/stageSchedule.ts';
export type * from './train/timeline/timeline.ts';
export { type TimelineBatchesOptions, timelineBatches } from './train/timeline/timelineBatches.ts';
export {
  type BatchRequest,
  type TimelineData,
  type TimelineRunOptions,
  timelineRun,
} from './train/timeline/timelineRun.ts';
