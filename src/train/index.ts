/**
 * Training: from two towers with random weights, or from a released checkpoint on your own pictures. A recipe says what is
 * trained on what; its timeline is a run as data, in stages; an objective is a loss with its parameters and inputs; a step is
 * one update. Every part can be used by itself.
 *
 * ```ts
 * import { paperTimeline, stageSchedules } from 'siglip2/train';
 * const timeline = paperTimeline('base');
 * for (const { spec, batches } of stageSchedules(timeline)) console.log(spec.name, batches);
 * ```
 * @module siglip2/train
 */

// Recipes: a module whose default export says what is trained on what.

export type { PreparedRecipe, Recipe, RecipeOptions } from './recipe/recipe.ts';

// Fine-tuning on a source.

export { type ChunkCost, chooseChunk } from './finetune/chunkSize.ts';
export { type FinetuneOptions, finetune } from './finetune/finetune.ts';
export { finetuneObjective } from './finetune/objective.ts';
export { saveFinetuned } from './finetune/saveFinetuned.ts';
export { FINETUNE_DEFAULTS, type FinetuneSettings, FREEZABLE, type Freezable } from './finetune/settings.ts';

// Runs: training in a folder, from its last state on.

export {
  type BestState,
  bestState,
  type HeldOut,
  type Measured,
  readMeasurements,
} from './run/best/keepBest.ts';
export { TrainingDivergedError } from './run/diverged.ts';
export { type EvaluateStagesOptions, evaluateStages } from './run/evaluation/evaluateStages.ts';
export type { Evaluations, StageEvaluations } from './run/evaluation/evaluations.ts';
export type { Evaluated, ScheduledEvaluator } from './run/evaluation/scheduled.ts';
export { RunFolderError, type RunLock, takeRunFolder } from './run/folder.ts';
export { type LogEntry, readLog } from './run/log/log.ts';
export { createNotices } from './run/log/notices.ts';
export { writeReport } from './run/report/writeReport.ts';
export type { SamplesOptions } from './run/samples/sampler.ts';
export { saveTrainedModel, type TrainedModel } from './run/saveModel.ts';
export { type LateTraining, type Stage, stageSteps } from './run/stage.ts';
export { type DamagedState, latestState, type SavedState } from './run/states.ts';
export { type TrainOptions, type TrainProgress, type TrainResult, train } from './run/trainer.ts';
export type { Training } from './run/training.ts';
export { type StagesOptions, startingTraining, trainStages } from './run/trainStages.ts';
export type { StepResult } from './step/reports.ts';

// Timelines: a run as data.

export { type SizeName, VARIANTS, type Variant, variantConfig } from '../model/variants.ts';
export type { LengthDraws } from './timeline/lengthDraws.ts';
export { PAPER_NAFLEX, paperTimeline } from './timeline/paper.ts';
export { type StageRequest, stageArrays } from './timeline/stageArrays.ts';
export { stageModel, stagePreprocessing, stageVision } from './timeline/stageModel.ts';
export { type StageBatch, stageObjective } from './timeline/stageObjective.ts';
export { type StageSchedule, stageSchedules } from './timeline/stageSchedule.ts';
export type {
  ExtraExtent,
  FixedImages,
  LossName,
  MomentsAtFork,
  NaflexImages,
  SharedExtent,
  StageCuration,
  StageSpec,
  Timeline,
} from './timeline/timeline.ts';
export { type TimelineBatchesOptions, timelineBatches } from './timeline/timelineBatches.ts';
export {
  type BatchRequest,
  type TimelineData,
  type TimelineRunOptions,
  timelineRun,
} from './timeline/timelineRun.ts';

// Losses of your own, which stages then name (docs/extending.md).

export * as rules from '../tensor/settings.ts';
export type { Loss, LossBatch, LossContext, LossGroup, LossPart, LossRequest } from './losses/loss.ts';
export { losses, registerLoss, settingsFor } from './losses/registry.ts';

// Objectives: a loss, its parameters and inputs.

export type { DistillationHeadConfig } from '../model/distillationHead.ts';
export type { AnyObjective, BlockedLoss, ChunkedObjective, ChunkedTower } from './losses/chunkedObjective.ts';
export type { TokenAverage } from './losses/locca/captioningLoss.ts';
export { type Locca, type LoccaSettings, locca } from './losses/locca/locca.ts';
export type { Carried, Objective, Trained } from './losses/objective.ts';
export type { DistillSettings } from './losses/selfSupervision/distill.ts';
export type { PrototypeCrossEntropyOptions } from './losses/selfSupervision/prototypeCrossEntropy.ts';
export { type SelfSupervision, selfSupervision } from './losses/selfSupervision/selfSupervision.ts';
export {
  type MaskedPredictionSettings,
  paperSelfSupervision,
  type SelfDistillationSettings,
  type SelfSupervisionSettings,
  type ViewLoss,
} from './losses/selfSupervision/settings.ts';
export { type ChunkSizes, chunkedContrastiveObjective } from './losses/sigmoid/chunkedContrastive.ts';
export { type ContrastiveBatch, contrastiveObjective } from './losses/sigmoid/contrastive.ts';
export { logitMetrics } from './losses/sigmoid/logitMetrics.ts';
export {
  type SigmoidLossInputs,
  type SigmoidLossOptions,
  sigmoidLoss,
} from './losses/sigmoid/sigmoidLoss.ts';

// To build an objective: towers, and layers as functions of (parameters, x).

export { imageGraph, type TowerGraph } from '../encoder/towers/graphs.ts';
export { loccaDecoderConfig } from '../model/locca/config.ts';
export type { ImageTokens } from '../model/locca/decoder.ts';
export type { PatchMasking } from '../model/patchMasking.ts';
export { type TextOutputs, textTower } from '../model/textTower.ts';
export {
  logitParameters,
  normalize,
  type TwoTowerShape,
  type TwoTowers,
  twoTowers,
  type VisionInputs,
  visionInputs,
  visionTower,
} from '../model/twoTowers.ts';
export type { VisionOutputs } from '../model/visionTower.ts';
export { compileWith } from '../nn/compileWith.ts';
export {
  type Initializer,
  normal,
  type Parameter,
  type ParameterScope,
  type ParameterTable,
  parameterScope,
} from '../nn/parameters.ts';

// Optimizers: a table of path to rule, a rule a chain of transforms (docs/extending.md).

export { type AdamConfig, adam } from './step/optimizer/adam.ts';
export { clipByGlobalNorm } from './step/optimizer/clip.ts';
export { type OptimizerConfig, PAPER_OPTIMIZER } from './step/optimizer/config.ts';
export { addDecayedWeights, isKernel } from './step/optimizer/decay.ts';
export type { Moment } from './step/optimizer/moments.ts';
export { isHiddenMatrix, type MuonConfig, muon } from './step/optimizer/muon.ts';
export {
  type AnyOptimizer,
  type Optimizer,
  optimizerRules,
  type Retuning,
  type Rule,
} from './step/optimizer/rules.ts';
export { type Schedule, type SchedulePart, scaleBySchedule } from './step/optimizer/schedule.ts';
export type { Transform, Transformed, UpdateSite } from './step/optimizer/transform.ts';

// The step and its state.

export { createStep } from './step/createStep.ts';
export type { Select, Selection } from './step/select.ts';
export { type AdaptOptions, adaptVision, withoutMoments } from './step/state/adaptVision.ts';
export { startingState } from './step/state/startingState.ts';
export { initialState, type TrainState } from './step/state/state.ts';
export type { StepOptions, TrainStep } from './step/trainStep.ts';

// Curation: the best of a larger batch.

export { type Curation, type CurationOptions, createCuration } from './curation/curation.ts';
export type { PairEmbeddings } from './curation/pairLosses.ts';
export { type PairScorer, type ScorerOptions, teacherScorer } from './curation/pairScorer.ts';
export {
  ACID_EXAMPLES,
  ACID_FILTER_RATIO,
  ACID_OPTIMIZER,
  CURATION_DEFAULTS,
  type CurationScore,
  type CurationSettings,
  superBatchSize,
} from './curation/settings.ts';

// Costs: estimated work and memory.

export type { StageCost, StageMemory } from './cost/cost.ts';
export { stageCosts } from './cost/stageCost.ts';
export { stepFlops, stepMemory } from './cost/stepCost.ts';
export type { StepMemory } from './cost/stepMemory.ts';
export { timelineCosts } from './cost/timelineCost.ts';

// Checkpoints, which trainers read and write.

export { type BigVisionCheckpoint, openBigVision } from '../checkpoint/bigVision/bigVision.ts';
export type { Checksums } from '../checkpoint/files/checksums.ts';
export {
  type DecoderContents,
  type DecoderFiles,
  openDecoder,
  saveDecoder,
} from '../checkpoint/huggingFace/decoder.ts';
export type { DecoderDescription } from '../checkpoint/huggingFace/decoderConfig.ts';
export {
  type ModelContents,
  type SaveOptions,
  saveModelDirectory,
} from '../checkpoint/huggingFace/directory.ts';
export type { SafetensorsHeader } from '../checkpoint/safetensors/header.ts';
export { openSafetensors, type SafetensorsFile } from '../checkpoint/safetensors/reader.ts';
export {
  type LazyTensor,
  type NamedTensors,
  type WriteOptions,
  writeSafetensors,
} from '../checkpoint/safetensors/writer.ts';
