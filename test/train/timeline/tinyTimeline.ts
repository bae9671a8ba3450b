import { paperSelfSupervision } from '../../../src/train/losses/selfSupervision/settings.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';
import type { LossName, StageSpec, Timeline } from '../../../src/train/timeline/timeline.ts';

const tower = { hiddenSize: 8, intermediateSize: 12, layers: 1, heads: 2, layerNormEps: 1e-6 };
const HEAD = { layers: 2, hiddenSize: 8, bottleneckSize: 4, prototypes: 8 };
const LOSSES: readonly LossName[] = ['sigmoid', 'locca', 'selfDistillation', 'maskedPrediction'];
const PRETRAINING = LOSSES.slice(0, 2);

const SEGMENTS: readonly [StageSpec, ...StageSpec[]] = [
  {
    name: 'pretraining',
    extent: { kind: 'share', start: 0, end: 0.5 },
    losses: PRETRAINING,
    images: { kind: 'fixed', resolution: 8, patchSize: 2 },
  },
  {
    name: 'distilled',
    from: 'pretraining',
    extent: { kind: 'share', start: 0.5, end: 0.75 },
    losses: LOSSES,
    images: { kind: 'fixed', resolution: 8, patchSize: 2 },
  },
  {
    name: 'larger',
    from: 'distilled',
    extent: { kind: 'share', start: 0.75, end: 1 },
    losses: LOSSES,
    images: { kind: 'fixed', resolution: 12, patchSize: 3 },
  },
  {
    name: 'naflex',
    from: 'pretraining',
    extent: { kind: 'share', start: 0.5, end: 1, stretch: 1.5 },
    losses: PRETRAINING,
    images: {
      kind: 'naflex',
      patchSize: 2,
      grid: 4,
      lengths: [
        { length: 5, batch: 4 },
        { length: 9, batch: 2 },
      ],
    },
  },
  {
    name: 'curation',
    from: 'larger',
    extent: { kind: 'extra', examples: 8, learningRate: 1e-3, weightDecay: 0, warmupSteps: 0 },
    losses: ['sigmoid'],
    images: { kind: 'fixed', resolution: 12, patchSize: 3 },
    moments: 'reset',
    curation: { filterRatio: 0.5, chunks: 2, teacher: 'google/siglip2-base-patch16-256' },
  },
];

/** The paper's timeline in 8 updates of 4 examples. */
export function tinyTimeline(stages: readonly [StageSpec, ...StageSpec[]] = SEGMENTS): Timeline {
  const model = { vision: tower, text: { ...tower, vocabSize: 16, length: 4, projectionSize: 8 } };
  const common = {
    name: 'tiny',
    model,
    examples: 32,
    batch: 4,
    warmupSteps: 1,
    optimizer: { ...PAPER_OPTIMIZER, learningRate: 0.01 },
    stages,
  };
  const paper = paperSelfSupervision(
    // Sizes that fit a picture of 8 pixels.
    { ...tower, kind: 'fixed', imageSize: 8, patchSize: 2, channels: 3, useHead: true, numPatches: 16 },
    'base',
    HEAD,
  );
  const selfSupervision = { ...paper, selfDistillation: { ...paper.selfDistillation, views: 2 } };
  return { ...common, selfSupervision };
}
