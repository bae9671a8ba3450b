import { check, count, oneOf, settings, shareBelowOne } from '../../tensor/settings.ts';
import { type OptimizerConfig, PAPER_OPTIMIZER } from '../step/optimizer/config.ts';

/**
 * What makes a pair worth training on (JEST; §2.5): `learnability` is the learner's loss minus the teacher's, high
 * where the learner still fails and the teacher shows that it can be learned; `easyReference` is minus the teacher's
 * loss.
 */
export type CurationScore = 'learnability' | 'easyReference';

export interface CurationSettings {
  /** Share of every super-batch that is left out, 0 ≤ f < 1. No default: the paper's depends on the model. */
  readonly filterRatio: number;
  /**
   * Rounds in which a batch is chosen; later ones see how a pair goes with those chosen before. 16 in JEST
   * (docs/paper.md).
   */
  readonly chunks: number;
  /** Paper §2.5 names learnability. */
  readonly score: CurationScore;
  /** Pairs that are embedded in one run of the engine. Memory only. */
  readonly scoringBatch: number;
  /**
   * Rows of the pairwise matrix in memory at once. Memory only: the choice is the same for every value up to rounding.
   */
  readonly blockRows: number;
}

const scores: readonly CurationScore[] = ['learnability', 'easyReference'];

export const curationSchema = settings<CurationSettings>({
  filterRatio: shareBelowOne,
  chunks: count,
  score: oneOf(scores),
  scoringBatch: count,
  blockRows: count,
});

export const CURATION_DEFAULTS: Omit<CurationSettings, 'filterRatio'> = {
  chunks: 16,
  score: 'learnability',
  scoringBatch: 32,
  blockRows: 1024,
};

/** Filter ratio by vision tower (paper §2.5): a super-batch of twice and four times the batch. */
export const ACID_FILTER_RATIO = { 'B/16': 0.5, 'B/32': 0.75 } as const;

/** Learning rate 1e-5 and no weight decay (paper §2.5); the rest as before it. The loss is the sigmoid loss alone. */
export const ACID_OPTIMIZER: OptimizerConfig = { ...PAPER_OPTIMIZER, learningRate: 1e-5, weightDecay: 0 };

/** Training examples of the stage, counted after the choice (paper §2.5). */
export const ACID_EXAMPLES = 4e9;

/**
 * Pairs to offer so that `batch` remain: b/(1 − f), rounded.
 * @throws RangeError when the ratio is not in [0, 1) or the batch is no positive integer.
 * @example
 * console.log(superBatchSize(256, 0.8)); // 1280
 */
export function superBatchSize(batch: number, filterRatio: number): number {
  check('filterRatio', shareBelowOne, filterRatio);
  check('batch', count, batch);
  return Math.round(batch / (1 - filterRatio));
}

/** Pairs that remain of a super-batch: the inverse of {@link superBatchSize}. @throws RangeError when none would. */
export function selectedSize(superBatch: number, filterRatio: number): number {
  const batch = Math.round(superBatch * (1 - filterRatio));
  if (batch < 1 || superBatchSize(batch, filterRatio) !== superBatch) {
    throw new RangeError(
      `a super-batch of ${superBatch} pairs is no batch/(1 − ${filterRatio}); offer superBatchSize(batch, filterRatio)`,
    );
  }
  return batch;
}
