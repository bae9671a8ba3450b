/** Sizes of everything, at two budgets. */
import type { TowerConfig } from '../../src/index.ts';

/** Everything that decides the miniature: data, sizes, schedule and how it is measured. */
export interface MiniatureSettings {
  /**
   * What training starts from: the embedded model, which has the same towers and only ever had the sigmoid loss, or
   * nothing.
   */
  readonly start: 'embedded' | 'scratch';
  /** Emoji that scenes are made of, no two of one family. */
  readonly concepts: number;
  /** CLDR locales of the captions; English must be one. */
  readonly locales: readonly string[];
  /** Pixels of a scene; its aspect ratio is drawn from 1:2 … 2:1, like that of pictures on the web. */
  readonly scenePixels: number;
  readonly vision: TowerConfig;
  readonly text: TowerConfig & { readonly length: number };
  readonly decoder: { readonly layers: number; readonly length: number };
  readonly patchSize: number;
  /** Side of the square images before the resolution fork, and after it. */
  readonly resolution: number;
  readonly forkResolution: number;
  /** NaFlex sequence lengths; {128, 256, 576, 784, 1024} in the paper, here around the square image's. */
  readonly lengths: readonly number[];
  readonly batch: number;
  /** Examples from 0 to 100 % of the timeline. */
  readonly examples: number;
  /**
   * How much longer the ablation's last fifth is, at the same learning rates (the paper's NaFlex line is so stretched).
   * The cosine's end holds 3 % of all learning: 200 updates of it change little.
   */
  readonly tailStretch: number;
  readonly warmupSteps: number;
  readonly learningRate: number;
  /** Local views of an image, 8 in the paper: a view costs as much to make as a scene. */
  readonly localViews: number;
  /** Learnt decoder positions of an image, on average over a batch: the capacity of the vocabulary loss. */
  readonly lossPositions: number;
  /** After the timeline. The paper's 4 B examples are 10 % of its 40 B; its rate of 1e-5 is 1 % of the peak. */
  readonly curation: {
    readonly examples: number;
    readonly learningRate: number;
    readonly filterRatio: number;
    /** Rounds in which a batch is chosen; they divide it. 16 in the paper's source (JEST). */
    readonly chunks: number;
    /** Vision tower of the teacher, which is trained by the sigmoid loss alone. */
    readonly teacher: TowerConfig;
    readonly teacherExamples: number;
  };
  readonly evaluation: {
    /** Scenes that are retrieved from each other, and cut into crops. */
    readonly scenes: number;
    /** Scenes that the probes of segmentation, depth and places are fitted on, and others that they are tested on. */
    readonly denseTrain: number;
    readonly denseTest: number;
    /** Scenes that the decoder is asked about, which takes longest. */
    readonly decoderScenes: number;
  };
}

const tower = (hiddenSize: number, layers: number): TowerConfig => ({
  hiddenSize,
  intermediateSize: 4 * hiddenSize,
  layers,
  heads: hiddenSize / 32,
  layerNormEps: 1e-6,
});

/** Ten languages of eight branches. */
const LOCALES = ['en', 'de', 'es', 'fr', 'ru', 'hi', 'tr', 'ar', 'ja', 'zh'];

/** What the ablation runs by default: six variants and three seeds in about a hundred minutes on two quiet cores. */
export const FULL: MiniatureSettings = {
  start: 'embedded',
  concepts: 144,
  locales: LOCALES,
  scenePixels: 96 * 96,
  vision: tower(192, 4),
  text: { ...tower(192, 2), length: 24 },
  decoder: { layers: 1, length: 32 },
  patchSize: 8,
  resolution: 64,
  forkResolution: 96,
  lengths: [16, 36, 64, 100],
  batch: 32,
  examples: 32 * 1000,
  tailStretch: 1,
  warmupSteps: 50,
  learningRate: 1e-3,
  localViews: 2,
  lossPositions: 60,
  curation: {
    examples: 32 * 100,
    learningRate: 1e-4,
    filterRatio: 0.5,
    chunks: 16,
    teacher: tower(192, 4),
    teacherExamples: 32 * 2000,
  },
  evaluation: { scenes: 300, denseTrain: 200, denseTest: 300, decoderScenes: 30 },
};

/** A few steps of everything with smaller towers, to see that it runs. Its figures mean nothing. */
export const SMALL: MiniatureSettings = {
  ...FULL,
  start: 'scratch',
  concepts: 48,
  locales: LOCALES.slice(0, 4),
  scenePixels: 64 * 64,
  vision: tower(64, 1),
  text: { ...tower(64, 1), length: 24 },
  batch: 8,
  examples: 8 * 40,
  warmupSteps: 4,
  lossPositions: 100,
  curation: { ...FULL.curation, examples: 8 * 3, chunks: 4, teacher: tower(96, 1), teacherExamples: 8 * 40 },
  evaluation: { scenes: 24, denseTrain: 12, denseTest: 6, decoderScenes: 2 },
};

export const BUDGETS = { small: SMALL, full: FULL } as const;
export type BudgetName = keyof typeof BUDGETS;
