import { ACID_OPTIMIZER } from '../curation/settings.ts';
import type { OptimizerConfig } from '../optimizer.ts';

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

/**
 * Learning rate and weight decay are those with which SigLIP 2 itself goes on from trained weights (paper §2.5: 1e-5 and
 * none). Ten epochs, and a warm-up of at most 500 steps, are those of WiSE-FT (Wortsman et al. 2022, arXiv 2109.01903).
 * The batch is our choice for processors; larger ones are better where there is time.
 */
export const FINETUNE_DEFAULTS = {
  freeze: [],
  batch: 64,
  epochs: 10,
  learningRate: ACID_OPTIMIZER.learningRate,
  weightDecay: ACID_OPTIMIZER.weightDecay,
  maxWarmupSteps: 500,
  /** Share of the steps, where that is less. */
  warmup: 0.1,
  seed: 0,
} as const;

/** Updates in which so many samples are seen so many times. */
export const stepsOf = (samples: number, batch: number, epochs: number): number =>
  Math.max(1, Math.ceil((samples * epochs) / batch));

export const warmupOf = (steps: number): number =>
  Math.min(FINETUNE_DEFAULTS.maxWarmupSteps, Math.floor(FINETUNE_DEFAULTS.warmup * steps));

export const finetuneOptimizer = (
  settings: Pick<FinetuneSettings, 'learningRate' | 'weightDecay'>,
): OptimizerConfig => ({
  ...ACID_OPTIMIZER,
  learningRate: settings.learningRate,
  weightDecay: settings.weightDecay,
});
