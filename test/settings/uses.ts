import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { annotate } from '../../src/data/annotation/annotate.ts';
import { HEATMAP_DEFAULTS, heatmapDetector } from '../../src/data/annotation/heatmapDetector.ts';
import { KEEP_DEFAULTS, keepDetections } from '../../src/data/annotation/keepRules.ts';
import { captionQueries, QUERY_DEFAULTS } from '../../src/data/annotation/queries.ts';
import { DINO_COLOURS, multiCropBatch, silcViews } from '../../src/data/augmentation/multiCrop.ts';
import { balance } from '../../src/data/balance/balance.ts';
import { BALANCE_DEFAULTS, createBalancer } from '../../src/data/balance/balancer.ts';
import { balanceSamples } from '../../src/data/balance/balanceSamples.ts';
import { DEFAULT_LEXICON } from '../../src/data/balance/lexicon.ts';
import { createTally } from '../../src/data/samples/tally.ts';
import { writeShards } from '../../src/data/shards/writeShards.ts';
import { indexedStream } from '../../src/data/streams/indexedStream.ts';
import { shardedStream } from '../../src/data/streams/shardedStream.ts';
import { matrix } from '../../src/evaluate/probes/matrix.ts';
import { evaluateFewShot } from '../../src/evaluate/tasks/fewShot.ts';
import { evaluateSegmentation } from '../../src/evaluate/tasks/segmentation.ts';
import { evaluateZeroShot } from '../../src/evaluate/tasks/zeroShot.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { loccaDecoderConfig } from '../../src/model/locca/config.ts';
import { indexPictures } from '../../src/search/indexing/indexPictures.ts';
import { input } from '../../src/tensor/index.ts';
import { createCuration } from '../../src/train/curation/curation.ts';
import { learnerScorer } from '../../src/train/curation/pairScorer.ts';
import { CURATION_DEFAULTS } from '../../src/train/curation/settings.ts';
import { finetune } from '../../src/train/finetune/finetune.ts';
import { locca } from '../../src/train/losses/locca/locca.ts';
import { chunkedContrastiveObjective } from '../../src/train/losses/sigmoid/chunkedContrastive.ts';
import { contrastiveObjective } from '../../src/train/losses/sigmoid/contrastive.ts';
import { sigmoidLoss } from '../../src/train/losses/sigmoid/sigmoidLoss.ts';
import { train } from '../../src/train/run/trainer.ts';
import { trainStages } from '../../src/train/run/trainStages.ts';
import { createStep } from '../../src/train/step/createStep.ts';
import { adam } from '../../src/train/step/optimizer/adam.ts';
import { PAPER_OPTIMIZER } from '../../src/train/step/optimizer/config.ts';
import { adaptVision } from '../../src/train/step/state/adaptVision.ts';
import { paperTimeline } from '../../src/train/timeline/paper.ts';
import { stageObjective } from '../../src/train/timeline/stageObjective.ts';
import { stageSchedules } from '../../src/train/timeline/stageSchedule.ts';
import { timelineBatches } from '../../src/train/timeline/timelineBatches.ts';
import { timelineRun } from '../../src/train/timeline/timelineRun.ts';
import { tinyConfig } from '../cli/fixtures.ts';
import { regression } from '../train/regression.ts';
import { COLLECTION_USES } from './usesOfCollections.ts';
import { DATA_USES } from './usesOfData.ts';
import { EVALUATION_USES } from './usesOfEvaluation.ts';
import { LOSS_USES } from './usesOfLosses.ts';
import { MODEL_USES } from './usesOfModels.ts';
import { SEARCH_USES } from './usesOfSearch.ts';

/** How settings of a type enter, and some that are right. */
export interface Use {
  readonly right: object;
  readonly enter: (settings: never) => unknown;
  /** Numeric fields that may be negative, which seeds may be, or are no single number. */
  readonly signed?: readonly string[];
}

const config: ModelConfig = tinyConfig('fixed', 50);
const { vision } = config;
if (vision.kind !== 'fixed') throw new Error('the tests’ model has one resolution');
const objective = regression();
const plan = {
  objective,
  optimizer: PAPER_OPTIMIZER,
  schedule: { totalSteps: 1, warmupSteps: 0 },
  seed: 0,
  batchAt: () => ({}),
};
const finetuning = {
  ...{ freeze: [], batch: 2, chunk: 2, steps: 1 },
  ...{ learningRate: 1e-4, weightDecay: 0, warmupSteps: 0, seed: 0 },
};
const runDir = mkdtempSync(join(tmpdir(), 'siglip2-settings-'));
const features = { features: matrix(2, 1, Float32Array.of(0, 1)), labels: [0, 1] };
const colours = DINO_COLOURS.local[0]!;
const views = silcViews(16, 8);
const nothing = async () => {
  throw new Error('nothing is to be read');
};
const encoder = { width: 1, embedImages: nothing, embedTexts: nothing } as never;
const timeline = paperTimeline('base');
const [first, ...rest] = timeline.stages;
const scorer = { embed: nothing, dispose: async () => {} } as never;
const crop = (options: never) => multiCropBatch([], options, 1, 0);
const stages = (settings: never) => stageSchedules(settings);
const asStage = (spec: never) => stageSchedules({ ...timeline, stages: [spec, ...rest] });

/** Every exported type of settings that is checked where it enters; what follows ` of ` says where else it does. */
export const USES: Readonly<Record<string, Use>> = {
  ...COLLECTION_USES,
  ...DATA_USES,
  ...EVALUATION_USES,
  ...LOSS_USES,
  ...MODEL_USES,
  ...SEARCH_USES,
  AdamConfig: {
    right: { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8 },
    enter: (one) => adam(one),
  },
  AdaptOptions: { right: {}, enter: (one) => adaptVision(new Map(), vision, vision, one) },
  AnnotateSettings: { right: {}, enter: (one) => annotate('none.jpg', [], { detect: nothing }, one) },
  BalanceOptions: {
    right: {},
    enter: (one) => balance({ attributes: [{ name: 'a', target: 0.5 }], labels: [] } as never, [], one),
  },
  BalanceSamplesOptions: {
    right: { lexicon: DEFAULT_LEXICON, seed: 0 },
    enter: (one) => balanceSamples(() => [], one),
  },
  BalanceSettings: {
    right: BALANCE_DEFAULTS,
    enter: (one) => createBalancer({ attributes: [{ name: 'a', target: 0.5 }], labels: [] } as never, one),
  },
  ChunkSizes: {
    right: { images: 2, texts: 2 },
    enter: (one) => chunkedContrastiveObjective(config, { images: 4, texts: 4 }, one),
  },
  ColourAugmentation: {
    right: colours,
    enter: (one) => crop({ ...views, local: { ...views.local, colours: [one] } } as never),
  },
  ContrastiveBatch: { right: { images: 2, texts: 2 }, enter: (one) => contrastiveObjective(config, one) },
  CurationOptions: {
    right: {
      learner: config,
      teacher: scorer,
      settings: { ...CURATION_DEFAULTS, filterRatio: 0.5 },
      seed: 0,
    },
    enter: createCuration as never,
    signed: ['seed'],
  },
  CurationSettings: {
    right: { ...CURATION_DEFAULTS, filterRatio: 0.5 },
    enter: (settings) => createCuration({ learner: config, teacher: scorer, settings, seed: 0 }),
  },
  FewShotOptions: {
    right: { classes: 2 },
    enter: (one) => evaluateFewShot(features as never, features as never, one),
  },
  FinetuneSettings: {
    right: finetuning,
    enter: (one) => finetune({} as never, {} as never, one, {} as never),
    signed: ['seed'],
  },
  FinetuneOptions: {
    right: { runDir, saveEvery: 1 },
    enter: (one) => finetune({} as never, {} as never, finetuning as never, one),
  },
  FixedVisionConfig: {
    right: vision,
    enter: (one) => contrastiveObjective({ ...config, vision: one }, { images: 1, texts: 1 }),
  },
  HeatmapDetectorSettings: { right: HEATMAP_DEFAULTS, enter: (one) => heatmapDetector({} as never, one) },
  KeepSettings: { right: KEEP_DEFAULTS, enter: (one) => keepDetections([], one) },
  LateTraining: {
    right: { steps: 1, make: nothing },
    enter: (training) => trainStages([{ name: 'one', training }], { runDir, saveEvery: 1 }),
  },
  LoccaDecoderConfig: {
    right: {},
    enter: (one) => loccaDecoderConfig(config, one),
  },
  LoccaSettings: {
    right: {},
    enter: (one) =>
      locca(
        { tokens: input('tokens', 'float32', [1, 4, vision.hiddenSize]) },
        loccaDecoderConfig(config),
        one,
      ),
  },
  ModelConfig: { right: config, enter: (one) => contrastiveObjective(one, { images: 1, texts: 1 }) },
  MultiCropOptions: { right: views, enter: crop },
  MuonConfig: {
    right: { learningRate: 1e-3, momentum: 0.9 },
    enter: (muon) => createStep(objective, { ...PAPER_OPTIMIZER, muon }, new Map()),
  },
  NaflexVisionConfig: {
    right: tinyConfig('naflex', 50).vision,
    enter: (one) => contrastiveObjective({ ...config, vision: one }, { images: 1, texts: 1, length: 4 }),
  },
  OptimizerConfig: { right: PAPER_OPTIMIZER, enter: (one) => createStep(objective, one, new Map()) },
  QuerySettings: { right: QUERY_DEFAULTS, enter: (one) => captionQueries('a cat', one) },
  Schedule: {
    right: plan.schedule,
    enter: (schedule) => train({ ...plan, schedule }, { runDir, saveEvery: 1 }),
  },
  SchedulePart: {
    right: { steps: 1, from: 0, to: 1 },
    enter: (part) => train({ ...plan, part }, { runDir, saveEvery: 1 }),
  },
  ScorerOptions: { right: { scoringBatch: 2 }, enter: (one) => learnerScorer(config, one) },
  StageBatch: {
    right: { images: 1 },
    enter: (one) => stageObjective(timeline, timeline.stages[0], one),
  },
  SegmentationOptions: { right: { classes: 2 }, enter: (one) => evaluateSegmentation([], [], one) },
  StreamOptions: {
    right: { seed: 0 },
    enter: (one) => indexedStream({ kind: 'indexed', name: 'a', size: 1 } as never, one),
  },
  ShardedStreamOptions: {
    right: { seed: 0 },
    enter: (one) => shardedStream({ kind: 'sharded', name: 'a', shards: [] } as never, one),
  },
  StagesOptions: {
    right: { runDir, saveEvery: 1 },
    enter: (one) => trainStages([{ name: 'one', training: plan }], one),
  },
  SigmoidLossOptions: {
    right: {},
    enter: (one) => {
      const side = (name: string) => input(name, 'float32', [2, 4]);
      const scalarInput = (name: string) => input(name, 'float32', [1]);
      return sigmoidLoss(
        { images: side('a'), texts: side('b'), logitScale: scalarInput('c'), logitBias: scalarInput('d') },
        one,
      );
    },
  },
  IndexOptions: { right: {}, enter: (one) => indexPictures({} as never, {} as never, [], one) },
  PictureOptions: {
    right: {},
    enter: (pictures) => indexPictures({} as never, {} as never, [], { pictures }),
  },
  StepOptions: { right: {}, enter: (one) => createStep(objective, PAPER_OPTIMIZER, new Map(), one) },
  TallySettings: { right: {}, enter: (one) => createTally(one) },
  TextConfig: {
    right: config.text,
    enter: (text) => contrastiveObjective({ ...config, text }, { images: 1, texts: 1 }),
  },
  TimelineBatchesOptions: {
    right: { seed: 0, streamOf: nothing, tokenizer: {} },
    enter: (one) => timelineBatches(timeline, one),
    signed: ['seed'],
  },
  TimelineRunOptions: {
    right: { seed: 0 },
    enter: (one) => timelineRun(timeline, { batchAt: () => ({}) }, one),
    signed: ['seed'],
  },
  Timeline: { right: timeline, enter: stages },
  StageSpec: { right: first, enter: asStage },
  TrainOptions: { right: { runDir, saveEvery: 1 }, enter: (one) => train(plan, one) },
  Training: { right: plan, enter: (one) => train(one, { runDir, saveEvery: 1 }), signed: ['seed'] },
  ViewOptions: { right: views.local, enter: (local) => crop({ ...views, local } as never) },
  WriteShardsOptions: { right: { folder: runDir }, enter: (one) => writeShards([], one) },
  ZeroShotOptions: { right: {}, enter: (one) => evaluateZeroShot(encoder, ['a.jpg'], [0], ['a'], one) },
};

/** Exported types that are called as settings are and are none, or are checked as others: each says why. */
export const OTHERS: Readonly<Record<string, string>> = {
  EmitOptions: 'how a graph is written, told by the code that built it; exportOnnx checks what users ask for',
  LoccaBatch: 'a result',
  LossBatch: 'given by training to a loss',
  MatmulOptions: 'part of an expression of a graph, as its other arguments are',
  MultiCropBatch: 'a result',
  PairBatch: 'a result',
  StageSchedule: 'a result',
  VisionConfig: 'either of FixedVisionConfig and NaflexVisionConfig',
  TowerConfig: 'a part of VisionConfig and TextConfig',
  HeaderLimits: 'of openModelDirectory, whose checkpoints are on disk: `maxHeaderBytes` is checked by load',
  RecipeOptions: 'given by the command to a recipe, which a user writes',
};
