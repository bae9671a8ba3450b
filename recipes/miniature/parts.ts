/** What the miniature's timelines have in common: sizes, images, losses, and a timeline of one stage. */

import { SAME_COLOURS } from '../../src/data/index.ts';
import type { TextConfig } from '../../src/index.ts';
import {
  type ExtraExtent,
  type FixedImages,
  type LossName,
  type NaflexImages,
  PAPER_OPTIMIZER,
  paperSelfSupervision,
  type StageSpec,
  type Timeline,
} from '../../src/train/index.ts';
import type { MiniatureSettings } from './settings.ts';

export const PRETRAINING: readonly LossName[] = ['sigmoid', 'locca'];
export const ALL_LOSSES: readonly LossName[] = [...PRETRAINING, 'selfDistillation', 'maskedPrediction'];

/** DINO's head has 2,048 × 65,536; 144 things need no 65,536 prototypes. */
const HEAD = { layers: 3, hiddenSize: 256, bottleneckSize: 64, prototypes: 1024 };

export const square = ({ patchSize }: MiniatureSettings, resolution: number): FixedImages => ({
  kind: 'fixed',
  resolution,
  patchSize,
});

/** Patches along a side of the square image. */
export const gridOf = ({ resolution, patchSize }: MiniatureSettings): number =>
  Math.floor(resolution / patchSize);

export const naflex = (settings: MiniatureSettings, lengths: readonly number[]): NaflexImages => ({
  kind: 'naflex',
  patchSize: settings.patchSize,
  grid: gridOf(settings),
  lengths: lengths.map((length) => ({ length, batch: settings.batch })),
});

/** The text tower; its vocabulary is that of the trimmed tokenizer. */
const textConfig = ({ text, vision }: MiniatureSettings, vocabSize: number): TextConfig => ({
  ...text,
  vocabSize,
  projectionSize: vision.hiddenSize,
});

export function common(settings: MiniatureSettings, vocabSize: number): Omit<Timeline, 'name' | 'stages'> {
  const { vision, resolution, patchSize, batch, examples, warmupSteps, learningRate } = settings;
  const fixed = {
    ...vision,
    kind: 'fixed',
    imageSize: resolution,
    patchSize,
    channels: 3,
    useHead: true,
    numPatches: gridOf(settings) ** 2,
  } as const;
  const paper = paperSelfSupervision(fixed, 'base', HEAD);
  return {
    model: { vision, text: textConfig(settings, vocabSize) },
    examples,
    batch,
    warmupSteps,
    optimizer: { ...PAPER_OPTIMIZER, learningRate },
    locca: {
      decoder: settings.decoder,
      settings: { lossPositions: settings.lossPositions * batch },
    },
    selfSupervision: {
      ...paper,
      // Emoji are told apart by their colours: with DINO's changes of them the losses learn nothing (bench/RESULTS.md).
      viewColours: SAME_COLOURS,
      selfDistillation: { ...paper.selfDistillation, views: settings.localViews },
    },
  };
}

/** After the timeline, on the sigmoid loss alone. */
export const extra = ({ curation: { examples, learningRate } }: MiniatureSettings): ExtraExtent => ({
  kind: 'extra',
  examples,
  learningRate,
  weightDecay: 0,
  warmupSteps: 0,
});

/** One stage from 0 to 100 %, of the same name. */
export const throughout = (
  name: string,
  settings: MiniatureSettings,
  vocabSize: number,
  spec: Pick<StageSpec, 'losses' | 'images'>,
): Timeline => ({
  name,
  ...common(settings, vocabSize),
  stages: [{ name, extent: { kind: 'share', start: 0, end: 1 }, ...spec }],
});
