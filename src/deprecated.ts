// biome-ignore-all assist/source/organizeImports: each name has its comment before it, which sorting would part.
/**
 * Names that stood in `siglip2` before its subpaths did, and old names. They go with the next release: docs/migration.md.
 * @module
 */

export {
  /** @deprecated Import it from `siglip2/data`. */
  type AnnotateSettings,
  /** @deprecated Import it from `siglip2/data`. */
  annotate,
  /** @deprecated Import it from `siglip2/data`. */
  type AnnotateSamplesOptions,
  /** @deprecated Import it from `siglip2/data`. */
  type AnnotationMemory,
  /** @deprecated Import it from `siglip2/data`. */
  annotateSamples,
  /** @deprecated Import it from `siglip2/data`. */
  type Detection,
  /** @deprecated Import it from `siglip2/data`. */
  type Detector,
  /** @deprecated Import it from `siglip2/data`. */
  HEATMAP_DEFAULTS,
  /** @deprecated Import it from `siglip2/data`. */
  type HeatmapDetectorSettings,
  /** @deprecated Import it from `siglip2/data`. */
  heatmapDetector,
  /** @deprecated Import it from `siglip2/data`. */
  KEEP_DEFAULTS,
  /** @deprecated Import it from `siglip2/data`. */
  type KeepSettings,
  /** @deprecated Import it from `siglip2/data`. */
  keepDetections,
  /** @deprecated Import it from `siglip2/data`. */
  knownBoxes,
  /** @deprecated Import it from `siglip2/data`. */
  captionQueries,
  /** @deprecated Import it from `siglip2/data`. */
  QUERY_DEFAULTS,
  /** @deprecated Import it from `siglip2/data`. */
  type QuerySettings,
  /** @deprecated Import it from `siglip2/data`. */
  type ColourAugmentation,
  /** @deprecated Import it from `siglip2/data`. */
  type ViewGeometry,
  /** @deprecated Import it from `siglip2/data`. */
  DINO_COLOURS,
  /** @deprecated Import it from `siglip2/data`. */
  type MultiCrop,
  /** @deprecated Import it from `siglip2/data`. */
  type MultiCropBatch,
  /** @deprecated Import it from `siglip2/data`. */
  type MultiCropOptions,
  /** @deprecated Import it from `siglip2/data`. */
  multiCropBatch,
  /** @deprecated Import it from `siglip2/data`. */
  SAME_COLOURS,
  /** @deprecated Import it from `siglip2/data`. */
  silcViews,
  /** @deprecated Import it from `siglip2/data`. */
  type ViewColours,
  /** @deprecated Import it from `siglip2/data`. */
  type ViewOptions,
  /** @deprecated Import it from `siglip2/data`. */
  BALANCE_DEFAULTS,
  /** @deprecated Import it from `siglip2/data`. */
  type Balancer,
  /** @deprecated Import it from `siglip2/data`. */
  type BalanceSettings,
  /** @deprecated Import it from `siglip2/data`. */
  createBalancer,
  /** @deprecated Import it from `siglip2/data`. */
  type BalancedSamples,
  /** @deprecated Import it from `siglip2/data`. */
  type BalanceSamplesOptions,
  /** @deprecated Import it from `siglip2/data`. */
  balanceSamples,
  /** @deprecated Import it from `siglip2/data`. */
  type BalanceExample,
  /** @deprecated Import it from `siglip2/data`. */
  type BalanceSchema,
  /** @deprecated Import it from `siglip2/data`. */
  DEFAULT_LEXICON,
  /** @deprecated Import it from `siglip2/data`. */
  type Lexicon,
  /** @deprecated Import it from `siglip2/data`. */
  type BalanceReport,
  /** @deprecated Import it from `siglip2/data`. */
  type BalanceRow,
  /** @deprecated Import it from `siglip2/data`. */
  type BatchMaker,
  /** @deprecated Import it from `siglip2/data`. */
  type BatchSource,
  /** @deprecated Import it from `siglip2/data`. */
  type BatchSourceOptions,
  /** @deprecated Import it from `siglip2/data`. */
  batchSource,
  /** @deprecated Import it from `siglip2/data`. */
  withCaptionIds,
  /** @deprecated Import it from `siglip2/data`. */
  type CaptionedBox,
  /** @deprecated Import it from `siglip2/data`. */
  type LoccaBatch,
  /** @deprecated Import it from `siglip2/data`. */
  type LoccaBatchOptions,
  /** @deprecated Import it from `siglip2/data`. */
  type LoccaExample,
  /** @deprecated Import it from `siglip2/data`. */
  loccaBatch,
  /** @deprecated Import it from `siglip2/data`. */
  type BatchSample,
  /** @deprecated Import it from `siglip2/data`. */
  type PairBatch,
  /** @deprecated Import it from `siglip2/data`. */
  type PairBatchOptions,
  /** @deprecated Import it from `siglip2/data`. */
  type PairBatchShape,
  /** @deprecated Import it from `siglip2/data`. */
  pairBatches,
  /** @deprecated Import it from `siglip2/data`. */
  filePositions,
  /** @deprecated Import it from `siglip2/data`. */
  type KnownPosition,
  /** @deprecated Import it from `siglip2/data`. */
  type PositionStore,
  /** @deprecated Import it from `siglip2/data`. */
  type DecodedSample,
  /** @deprecated Import it from `siglip2/data`. */
  type BadReason,
  /** @deprecated Import it from `siglip2/data`. */
  type BadSample,
  /** @deprecated Import it from `siglip2/data`. */
  type Caption,
  /** @deprecated Import it from `siglip2/data`. */
  type Read,
  /** @deprecated Import it from `siglip2/data`. */
  type Region,
  /** @deprecated Import it from `siglip2/data`. */
  type Sample,
  /** @deprecated Import it from `siglip2/data`. */
  createTally,
  /** @deprecated Import it from `siglip2/data`. */
  type Tally,
  /** @deprecated Import it from `siglip2/data`. */
  type TallyReport,
  /** @deprecated Import it from `siglip2/data`. */
  type TallySettings,
  /** @deprecated Import it from `siglip2/data`. */
  TooManyBadSamplesError,
  /** @deprecated Import it from `siglip2/data`. */
  tallyText,
  /** @deprecated Import it from `siglip2/data`. */
  type WriteShardsOptions,
  /** @deprecated Import it from `siglip2/data`. */
  type WrittenShard,
  /** @deprecated Import it from `siglip2/data`. */
  writeShards,
  /** @deprecated Import it from `siglip2/data`. */
  type CocoOptions,
  /** @deprecated Import it from `siglip2/data`. */
  coco,
  /** @deprecated Import it from `siglip2/data`. */
  imageFiles,
  /** @deprecated Import it from `siglip2/data`. */
  type ImageFolderOptions,
  /** @deprecated Import it from `siglip2/data`. */
  imageFolder,
  /** @deprecated Import it from `siglip2/data`. */
  classesOf,
  /** @deprecated Import it from `siglip2/data`. */
  heldOut,
  /** @deprecated Import it from `siglip2/data`. */
  subset,
  /** @deprecated Import it from `siglip2/data`. */
  describeDifference,
  /** @deprecated Import it from `siglip2/data`. */
  identifySource,
  /** @deprecated Import it from `siglip2/data`. */
  type ParquetColumns,
  /** @deprecated Import it from `siglip2/data`. */
  type ParquetOptions,
  /** @deprecated Import it from `siglip2/data`. */
  parquet,
  /** @deprecated Import it from `siglip2/data`. */
  readSource,
  /** @deprecated Import it from `siglip2/data`. */
  type Scan,
  /** @deprecated Import it from `siglip2/data`. */
  type ScanOptions,
  /** @deprecated Import it from `siglip2/data`. */
  scanSource,
  /** @deprecated Import it from `siglip2/data`. */
  type IndexedSource,
  /** @deprecated Import it from `siglip2/data`. */
  type ShardedSource,
  /** @deprecated Import it from `siglip2/data`. */
  type ShardRead,
  /** @deprecated Import it from `siglip2/data`. */
  type Source,
  /** @deprecated Import it from `siglip2/data`. */
  type SourceOptions,
  /** @deprecated Import it from `siglip2/data`. */
  webdataset,
  /** @deprecated Import it from `siglip2/data`. */
  indexedStream,
  /** @deprecated Import it from `siglip2/data`. */
  type LanguageMixture,
  /** @deprecated Import it from `siglip2/data`. */
  languageMixture,
  /** @deprecated Import it from `siglip2/data`. */
  PAPER_LANGUAGES,
  /** @deprecated Import it from `siglip2/data`. */
  type LookAheadOptions,
  /** @deprecated Import it from `siglip2/data`. */
  lookAhead,
  /** @deprecated Import it from `siglip2/data`. */
  mapAhead,
  /** @deprecated Import it from `siglip2/data`. */
  type MixturePart,
  /** @deprecated Import it from `siglip2/data`. */
  mixture,
  /** @deprecated Import it from `siglip2/data`. */
  sampleStream,
  /** @deprecated Import it from `siglip2/data`. */
  select,
  /** @deprecated Import it from `siglip2/data`. */
  type ShardedStreamOptions,
  /** @deprecated Import it from `siglip2/data`. */
  shardedStream,
  /** @deprecated Import it from `siglip2/data`. */
  type Json,
  /** @deprecated Import it from `siglip2/data`. */
  type Position,
  /** @deprecated Import it from `siglip2/data`. */
  type SampleStream,
  /** @deprecated Import it from `siglip2/data`. */
  type StreamItem,
  /** @deprecated Import it from `siglip2/data`. */
  type StreamOptions,
  /** @deprecated Import it from `siglip2/data`. */
  boxArea,
  /** @deprecated Import it from `siglip2/data`. */
  intersectionOverUnion,
  /** @deprecated Import it from `siglip2/data`. */
  normaliseBox,
  /** @deprecated Import it from `siglip2/data`. */
  scaleBox,
  /** @deprecated Import it from `siglip2/data`. */
  type ImageSize,
  /** @deprecated Import it from `siglip2/data`. */
  fixedPreprocessing,
  /** @deprecated Import it from `siglip2/data`. */
  naflexPreprocessing,
  /** @deprecated Import it from `siglip2/data`. */
  rgbImage,
  /** @deprecated Import it from `siglip2/data`. */
  BOX_FORMAT,
  /** @deprecated Import it from `siglip2/data`. */
  type BoxFormat,
  /** @deprecated Import it from `siglip2/data`. */
  LOCCA_FORMAT,
  /** @deprecated Import it from `siglip2/data`. */
  LOCCA_TASKS,
  /** @deprecated Import it from `siglip2/data`. */
  type LoccaFormat,
  /** @deprecated Import it from `siglip2/data`. */
  type LoccaTask,
  /** @deprecated Import it from `siglip2/data`. */
  PROMPT_TEMPLATES,
  /** @deprecated Import it from `siglip2/data`. */
  promptsFor,
  /** @deprecated Import it from `siglip2/data`. */
  loadTokenizer,
  /** @deprecated Import it from `siglip2/data`. */
  type TextTokenizer,
  /** @deprecated Import it from `siglip2/data`. */
  type TokenizerOptions,
  /** @deprecated Import it from `siglip2/data`. */
  type TrimmedTokenizer,
  /** @deprecated Import it from `siglip2/data`. */
  trimTokenizer,
} from './data/index.ts';
export {
  /** @deprecated Import it from `siglip2/train`. */
  type BigVisionCheckpoint,
  /** @deprecated Import it from `siglip2/train`. */
  openBigVision,
  /** @deprecated Import it from `siglip2/train`. */
  type DecoderContents,
  /** @deprecated Import it from `siglip2/train`. */
  type DecoderFiles,
  /** @deprecated Import it from `siglip2/train`. */
  openDecoder,
  /** @deprecated Import it from `siglip2/train`. */
  saveDecoder,
  /** @deprecated Import it from `siglip2/train`. */
  type DecoderDescription,
  /** @deprecated Import it from `siglip2/train`. */
  type ModelContents,
  /** @deprecated Import it from `siglip2/train`. */
  type SaveOptions,
  /** @deprecated Import it from `siglip2/train`. */
  saveModelDirectory,
  /** @deprecated Import it from `siglip2/train`. */
  openSafetensors,
  /** @deprecated Import it from `siglip2/train`. */
  type SafetensorsFile,
  /** @deprecated Import it from `siglip2/train`. */
  type NamedTensors,
  /** @deprecated Import it from `siglip2/train`. */
  type WriteOptions,
  /** @deprecated Import it from `siglip2/train`. */
  writeSafetensors,
  /** @deprecated Import it from `siglip2/train`. */
  loccaDecoderConfig,
  /** @deprecated Import it from `siglip2/train`. */
  VARIANTS,
  /** @deprecated Import it from `siglip2/train`. */
  type Variant,
  /** @deprecated Import it from `siglip2/train`. */
  variantConfig,
  /** @deprecated Import it from `siglip2/train`. */
  type StageCost,
  /** @deprecated Import it from `siglip2/train`. */
  stageCosts,
  /** @deprecated Import it from `siglip2/train`. */
  stepFlops,
  /** @deprecated Import it from `siglip2/train`. */
  stepMemory,
  /** @deprecated Import it from `siglip2/train`. */
  type StepMemory,
  /** @deprecated Import it from `siglip2/train`. */
  timelineCosts,
  /** @deprecated Import it from `siglip2/train`. */
  type Curation,
  /** @deprecated Import it from `siglip2/train`. */
  type CurationOptions,
  /** @deprecated Import it from `siglip2/train`. */
  createCuration,
  /** @deprecated Import it from `siglip2/train`. */
  type PairScorer,
  /** @deprecated Import it from `siglip2/train`. */
  type ScorerOptions,
  /** @deprecated Import it from `siglip2/train`. */
  teacherScorer,
  /** @deprecated Import it from `siglip2/train`. */
  ACID_EXAMPLES,
  /** @deprecated Import it from `siglip2/train`. */
  ACID_FILTER_RATIO,
  /** @deprecated Import it from `siglip2/train`. */
  ACID_OPTIMIZER,
  /** @deprecated Import it from `siglip2/train`. */
  CURATION_DEFAULTS,
  /** @deprecated Import it from `siglip2/train`. */
  type CurationScore,
  /** @deprecated Import it from `siglip2/train`. */
  type CurationSettings,
  /** @deprecated Import it from `siglip2/train`. */
  superBatchSize,
  /** @deprecated Import it from `siglip2/train`. */
  type ChunkCost,
  /** @deprecated Import it from `siglip2/train`. */
  chooseChunk,
  /** @deprecated Import it from `siglip2/train`. */
  type FinetuneOptions,
  /** @deprecated Import it from `siglip2/train`. */
  finetune,
  /** @deprecated Import it from `siglip2/train`. */
  finetuneObjective,
  /** @deprecated Import it from `siglip2/train`. */
  saveFinetuned,
  /** @deprecated Import it from `siglip2/train`. */
  FINETUNE_DEFAULTS,
  /** @deprecated Import it from `siglip2/train`. */
  type FinetuneSettings,
  /** @deprecated Import it from `siglip2/train`. */
  FREEZABLE,
  /** @deprecated Import it from `siglip2/train`. */
  type Freezable,
  /** @deprecated Import it from `siglip2/train`. */
  type ChunkedObjective,
  /** @deprecated Import it from `siglip2/train`. */
  type TokenAverage,
  /** @deprecated Import it from `siglip2/train`. */
  type Locca,
  /** @deprecated Import it from `siglip2/train`. */
  type LoccaSettings,
  /** @deprecated Import it from `siglip2/train`. */
  locca,
  /** @deprecated Import it from `siglip2/train`. */
  type Carried,
  /** @deprecated Import it from `siglip2/train`. */
  type Objective,
  /** @deprecated Import it from `siglip2/train`. */
  type SelfSupervision,
  /** @deprecated Import it from `siglip2/train`. */
  selfSupervision,
  /** @deprecated Import it from `siglip2/train`. */
  paperSelfSupervision,
  /** @deprecated Import it from `siglip2/train`. */
  type SelfSupervisionSettings,
  /** @deprecated Import it from `siglip2/train`. */
  type ChunkSizes,
  /** @deprecated Import it from `siglip2/train`. */
  chunkedContrastiveObjective,
  /** @deprecated Import it from `siglip2/train`. */
  type ContrastiveBatch,
  /** @deprecated Import it from `siglip2/train`. */
  contrastiveObjective,
  /** @deprecated Import it from `siglip2/train`. */
  type SigmoidLossInputs,
  /** @deprecated Import it from `siglip2/train`. */
  type SigmoidLossOptions,
  /** @deprecated Import it from `siglip2/train`. */
  sigmoidLoss,
  /** @deprecated Import it from `siglip2/train`. */
  type PreparedRecipe,
  /** @deprecated Import it from `siglip2/train`. */
  type Recipe,
  /** @deprecated Import it from `siglip2/train`. */
  type RecipeOptions,
  /** @deprecated Import it from `siglip2/train`. */
  type Stage,
  /** @deprecated Import it from `siglip2/train`. */
  type BestState,
  /** @deprecated Import it from `siglip2/train`. */
  bestState,
  /** @deprecated Import it from `siglip2/train`. */
  type HeldOut,
  /** @deprecated Import it from `siglip2/train`. */
  type Measured,
  /** @deprecated Import it from `siglip2/train`. */
  readMeasurements,
  /** @deprecated Import it from `siglip2/train`. */
  TrainingDivergedError,
  /** @deprecated Import it from `siglip2/train`. */
  RunFolderError,
  /** @deprecated Import it from `siglip2/train`. */
  type RunLock,
  /** @deprecated Import it from `siglip2/train`. */
  takeRunFolder,
  /** @deprecated Import it from `siglip2/train`. */
  writeReport,
  /** @deprecated Import it from `siglip2/train`. */
  saveTrainedModel,
  /** @deprecated Import it from `siglip2/train`. */
  type TrainOptions,
  /** @deprecated Import it from `siglip2/train`. */
  type TrainProgress,
  /** @deprecated Import it from `siglip2/train`. */
  type TrainResult,
  /** @deprecated Import it from `siglip2/train`. */
  train,
  /** @deprecated Import it from `siglip2/train`. */
  type Training,
  /** @deprecated Import it from `siglip2/train`. */
  type StagesOptions,
  /** @deprecated Import it from `siglip2/train`. */
  trainStages,
  /** @deprecated Import it from `siglip2/train`. */
  type OptimizerConfig,
  /** @deprecated Import it from `siglip2/train`. */
  PAPER_OPTIMIZER,
  /** @deprecated Import it from `siglip2/train`. */
  type MuonConfig,
  /** @deprecated Import it from `siglip2/train`. */
  type Schedule,
  /** @deprecated Import it from `siglip2/train`. */
  type SchedulePart,
  /** @deprecated Import it from `siglip2/train`. */
  type Select,
  /** @deprecated Import it from `siglip2/train`. */
  type Selection,
  /** @deprecated Import it from `siglip2/train`. */
  type AdaptOptions,
  /** @deprecated Import it from `siglip2/train`. */
  adaptVision,
  /** @deprecated Import it from `siglip2/train`. */
  withoutMoments,
  /** @deprecated Import it from `siglip2/train`. */
  type TrainState,
  /** @deprecated Import it from `siglip2/train`. */
  type StepOptions,
  /** @deprecated Import it from `siglip2/train`. */
  type LengthDraws,
  /** @deprecated Import it from `siglip2/train`. */
  PAPER_NAFLEX,
  /** @deprecated Import it from `siglip2/train`. */
  paperTimeline,
  /** @deprecated Import it from `siglip2/train`. */
  stageModel,
  /** @deprecated Import it from `siglip2/train`. */
  type StageBatch,
  /** @deprecated Import it from `siglip2/train`. */
  stageObjective,
  /** @deprecated Import it from `siglip2/train`. */
  type StageSchedule,
  /** @deprecated Import it from `siglip2/train`. */
  stageSchedules,
  /** @deprecated Import it from `siglip2/train`. */
  type TimelineBatchesOptions,
  /** @deprecated Import it from `siglip2/train`. */
  timelineBatches,
  /** @deprecated Import it from `siglip2/train`. */
  type BatchRequest,
  /** @deprecated Import it from `siglip2/train`. */
  type TimelineData,
  /** @deprecated Import it from `siglip2/train`. */
  type TimelineRunOptions,
  /** @deprecated Import it from `siglip2/train`. */
  timelineRun,
  /** @deprecated Import it from `siglip2/train`. */
  type LossName,
  /** @deprecated Import it from `siglip2/train`. */
  type FixedImages,
  /** @deprecated Import it from `siglip2/train`. */
  type NaflexImages,
  /** @deprecated Import it from `siglip2/train`. */
  type SharedExtent,
  /** @deprecated Import it from `siglip2/train`. */
  type ExtraExtent,
  /** @deprecated Import it from `siglip2/train`. */
  type StageCuration,
  /** @deprecated Import it from `siglip2/train`. */
  type MomentsAtFork,
  /** @deprecated Import it from `siglip2/train`. */
  type StageSpec,
  /** @deprecated Import it from `siglip2/train`. */
  type Timeline,
} from './train/index.ts';
export {
  /** @deprecated Import it from `siglip2/evaluate`. */
  IGNORED,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type SegmentationScores,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type Matrix,
  /** @deprecated Import it from `siglip2/evaluate`. */
  matrix,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type DepthExample,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type DepthResult,
  /** @deprecated Import it from `siglip2/evaluate`. */
  evaluateDepth,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type DescribedResult,
  /** @deprecated Import it from `siglip2/evaluate`. */
  evaluateDescribed,
  /** @deprecated Import it from `siglip2/evaluate`. */
  evaluateFewShot,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type FewShotOptions,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type FewShotResult,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type LabelledFeatures,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type ReferringResult,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type ReferringTruth,
  /** @deprecated Import it from `siglip2/evaluate`. */
  referringAccuracy,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type DescribedImage,
  /** @deprecated Import it from `siglip2/evaluate`. */
  evaluateRetrieval,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type RetrievalResult,
  /** @deprecated Import it from `siglip2/evaluate`. */
  evaluateSegmentation,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type SegmentationExample,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type SegmentationOptions,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type SegmentationResult,
  /** @deprecated Import it from `siglip2/evaluate`. */
  evaluateZeroShot,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type ZeroShotOptions,
  /** @deprecated Import it from `siglip2/evaluate`. */
  type ZeroShotResult,
} from './evaluate/index.ts';
export {
  /** @deprecated Import it from `siglip2/tensor`. */
  type Opset,
  /** @deprecated Import it from `siglip2/tensor`. */
  type DType,
  /** @deprecated Import it from `siglip2/tensor`. */
  float32,
  /** @deprecated Import it from `siglip2/tensor`. */
  int32,
  /** @deprecated Import it from `siglip2/tensor`. */
  type NdArray,
  /** @deprecated Import it from `siglip2/tensor`. */
  ndarray,
} from './tensor/index.ts';

// Renamed.

export {
  /** @deprecated It is `ChunkedObjective` of `siglip2/train`. */
  type ChunkedObjective as CachedObjective,
  /** @deprecated It is `ChunkCost` of `siglip2/train`. */
  type ChunkCost as ChunkPlan,
  /** @deprecated It is `StageSpec` of `siglip2/train`. */
  type StageSpec as Segment,
  /** @deprecated It is `StageBatch` of `siglip2/train`. */
  type StageBatch as SegmentBatch,
  /** @deprecated It is `StageCuration` of `siglip2/train`. */
  type StageCuration as SegmentCuration,
  /** @deprecated It is `StageCost` of `siglip2/train`. */
  type StageCost as StagePlan,
  /** @deprecated It is `StageSchedule` of `siglip2/train`. */
  type StageSchedule as TimelineStage,
  /** @deprecated It is `Training` of `siglip2/train`. */
  type Training as TrainPlan,
  /** @deprecated It is `chunkedContrastiveObjective` of `siglip2/train`. */
  chunkedContrastiveObjective as cachedContrastiveObjective,
  /** @deprecated It is `stepMemory` of `siglip2/train`. */
  stepMemory as planMemory,
  /** @deprecated It is `stageCosts` of `siglip2/train`. */
  stageCosts as planStages,
  /** @deprecated It is `timelineCosts` of `siglip2/train`. */
  timelineCosts as planTimeline,
  /** @deprecated It is `stageModel` of `siglip2/train`. */
  stageModel as segmentModel,
  /** @deprecated It is `stageObjective` of `siglip2/train`. */
  stageObjective as segmentObjective,
  /** @deprecated It is `stageSchedules` of `siglip2/train`. */
  stageSchedules as timelineStages,
} from './train/index.ts';

// Of use inside only: they leave without a successor.

export {
  /** @deprecated It leaves the public names with the next release. */
  DINO_FIRST_GLOBAL,
  /** @deprecated It leaves the public names with the next release. */
  DINO_LOCAL,
  /** @deprecated It leaves the public names with the next release. */
  DINO_SECOND_GLOBAL,
} from './data/augmentation/colourAugmentation.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  boxInView,
} from './data/augmentation/geometry.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  type BalanceOptions,
  /** @deprecated It leaves the public names with the next release. */
  type BalanceResult,
  /** @deprecated It leaves the public names with the next release. */
  balance,
  /** @deprecated It leaves the public names with the next release. */
  isKept,
} from './data/balance/balance.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  captionReader,
  /** @deprecated It leaves the public names with the next release. */
  schemaOf,
} from './data/balance/lexicon.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  memoryPositions,
} from './data/batches/positions.ts';
export type {
  /** @deprecated It leaves the public names with the next release. */
  NaflexPixels,
} from './input/image/naflex/naflexPicture.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  naflexSize,
} from './input/image/naflex/naflexSize.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  type FixedPixels,
  /** @deprecated It leaves the public names with the next release. */
  preprocessFixed,
  /** @deprecated It leaves the public names with the next release. */
  preprocessNaflex,
} from './input/image/preprocess.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  findBox,
  /** @deprecated It leaves the public names with the next release. */
  formatBox,
  /** @deprecated It leaves the public names with the next release. */
  parseBox,
} from './input/text/locca/boxText.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  availableMemory,
  /** @deprecated It leaves the public names with the next release. */
  type MachineMemory,
  /** @deprecated It leaves the public names with the next release. */
  machineMemory,
} from './train/cost/machine/machineMemory.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  chunkCost,
  /** @deprecated It leaves the public names with the next release. */
  chunkCost as planChunk,
} from './train/finetune/chunkSize.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  frozenBy,
} from './train/finetune/settings.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  type VocabularyCrossEntropyInputs,
  /** @deprecated It leaves the public names with the next release. */
  vocabularyCrossEntropy,
} from './train/losses/locca/captioningLoss.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  drawMaskedPositions,
} from './train/losses/selfSupervision/maskedPositions.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  positionAt,
  /** @deprecated It leaves the public names with the next release. */
  scheduleAt,
} from './train/step/optimizer/schedule.ts';
export {
  /** @deprecated It leaves the public names with the next release. */
  drawLengths,
} from './train/timeline/lengthDraws.ts';
export type {
  /** @deprecated It is `ModelFiles`. */
  ModelFiles as FinetuneModel,
} from './checkpoint/huggingFace/directory.ts';
