import {
  atLeastZero,
  consistent,
  count,
  listOf,
  oneOf,
  seed,
  settings,
  wholeNumber,
} from '../../tensor/settings.ts';
import { ACID_OPTIMIZER } from '../curation/settings.ts';
import type { OptimizerConfig } from '../step/optimizer/config.ts';

/**
 * Parts of a model that can stay as they are: `image` and `text` are the towers (`image` frozen is LiT, Zhai et al.
 * 2022, arXiv 2111.07991), `embeddings` the token and position tables of the text tower: half of the weights of B.
 */
export const FREEZABLE = ['image', 'text', 'embeddings'] as const;
export type Freezable = (typeof FREEZABLE)[number];

const PREFIXES: Readonly<Record<Freezable, string>> = {
  image: 'vision_model.',
  text: 'text_model.',
  embeddings: 'text_model.embeddings.',
};

/** Which parameters stay as they are. Temperature and bias are always trained. */
export const frozenBy =
  (parts: readonly Freezable[]): ((parameterName: string) => boolean) =>
  (name) =>
    parts.some((part) => name.startsWith(PREFIXES[part]));

/** Everything that decides the result of a fine-tuning, beside model and data. */
export interface FinetuneSettings {
  readonly freeze: readonly Freezable[];
  /** Image–text pairs in a batch. */
  readonly batch: number;
  /** Pairs that are embedded and differentiated at once; the whole batch where it is not less. */
  readonly chunk: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmupSteps: number;
  readonly seed: number;
}

export const finetuneSchema = consistent<FinetuneSettings>(
  settings<FinetuneSettings>({
    freeze: listOf(oneOf(FREEZABLE)),
    batch: count,
    chunk: count,
    steps: count,
    learningRate: atLeastZero,
    weightDecay: atLeastZero,
    warmupSteps: wholeNumber,
    seed,
  }),
  ({ batch }) =>
    batch < 2 ? `a batch of ${batch} has nothing to tell apart; it must be at least 2` : undefined,
);

/**
 * Weight decay is that with which SigLIP 2 itself goes on from trained weights (paper §2.5: none). Ten epochs, and a
 * warm-up of at most 500 steps, are those of WiSE-FT (Wortsman et al. 2022, arXiv 2109.01903). Batch, least steps and
 * learning rate depend on the data and the model: `defaultBatch`, `defaultSteps`, `defaultLearningRate`.
 */
export const FINETUNE_DEFAULTS = {
  freeze: [],
  /** Pairs in a batch, where there are many images: our choice for processors. */
  batch: 64,
  epochs: 10,
  weightDecay: ACID_OPTIMIZER.weightDecay,
  maxWarmupSteps: 500,
  /** Share of the steps, where that is less. */
  warmup: 0.1,
  seed: 0,
} as const;

/** Few images are not taken in one batch: a step would see them all, and ten epochs would be ten steps. */
const SMALL_BATCH = 16;
/** … but in at least so many, as long as batches stay no smaller than {@link SMALL_BATCH}. */
const BATCHES_OF_AN_EPOCH = 8;
/** With fewer steps a few images change nothing at a rate that trained weights bear. */
const FEWEST_STEPS = 60;

/** Pairs in a batch for so many samples: an eighth of them, from 16 to 64, and never more than there are. */
export const defaultBatch = (samples: number): number =>
  Math.min(
    samples,
    FINETUNE_DEFAULTS.batch,
    Math.max(SMALL_BATCH, Math.floor(samples / BATCHES_OF_AN_EPOCH)),
  );

/** Updates in which so many samples are seen so many times. */
export const stepsOf = (samples: number, batch: number, epochs: number): number =>
  Math.max(1, Math.ceil((samples * epochs) / batch));

/** Ten epochs, and at least 60 steps. */
export const defaultSteps = (samples: number, batch: number): number =>
  Math.max(FEWEST_STEPS, stepsOf(samples, batch, FINETUNE_DEFAULTS.epochs));

/** Rate and width of SigLIP 2's own continued training (paper §2.5, of B models): what a long run at width 768 takes. */
const LONG_RUN = { learningRate: ACID_OPTIMIZER.learningRate, width: 768 } as const;
/** What a run of {@link SHORT_RUN.steps} steps takes at that width. */
const SHORT_RUN = { learningRate: 1e-4, steps: 100 } as const;

/**
 * The highest learning rate, from the model's width and the length of the run.
 *
 * The paper goes on from trained weights at 1e-5 (§2.5), over hundreds of thousands of steps. A short run must go as far
 * in fewer: with Adam a weight moves by at most the rate a step, so 60 steps at 1e-5 change nothing that can be
 * measured. So a run of 100 steps takes ten times the paper's rate and longer ones less, by the square root of their
 * length (the distance of a random walk), down to the paper's. The rate goes with 1/width, as it does for Adam in
 * Tensor Programs V (Yang et al. 2022, arXiv 2203.03466). On the embedded model and 45 images of three classes, 15
 * held out, 60 steps of 16 pairs gave a top-1 of 53 % at 1e-5, 73 % at 1e-4, 80 % at 3e-4, 67 % at 1e-3, 60 % at 3e-3;
 * this rule says 3.9e-4 there.
 * @param steps of the run
 * @returns rounded to two digits
 * @example defaultLearningRate({ vision: { hiddenSize: 768 }, text: { hiddenSize: 768 } }, 60); // 1.3e-4
 */
export function defaultLearningRate({ vision, text }: TowerWidths, steps: number): number {
  const width = Math.max(vision.hiddenSize, text.hiddenSize);
  const shortened = SHORT_RUN.learningRate * Math.sqrt(SHORT_RUN.steps / Math.max(10, steps));
  const atPapersWidth = Math.max(LONG_RUN.learningRate, shortened);
  return Number(((LONG_RUN.width / width) * atPapersWidth).toPrecision(2));
}

/** What the learning rate depends on: the widths of both towers. */
export interface TowerWidths {
  readonly vision: { readonly hiddenSize: number };
  readonly text: { readonly hiddenSize: number };
}

export const warmupOf = (steps: number): number =>
  Math.min(FINETUNE_DEFAULTS.maxWarmupSteps, Math.floor(FINETUNE_DEFAULTS.warmup * steps));

export const finetuneOptimizer = (
  settings: Pick<FinetuneSettings, 'learningRate' | 'weightDecay'>,
): OptimizerConfig => ({
  ...ACID_OPTIMIZER,
  learningRate: settings.learningRate,
  weightDecay: settings.weightDecay,
});
