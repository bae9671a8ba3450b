import type { PairEmbeddings, PairLosses } from './pairLosses.ts';

/** Scores S of a super-batch (JEST; §2.5), as far as joint selection reads them. */
export interface PairScores {
  /** Number of pairs B. */
  readonly size: number;
  /** S[i, i] of every pair, [B]. */
  matching(): Promise<Float64Array>;
  /** Σ S[i, k] + S[k, i] over the pairs k of `others`, [B]; meaningless at the others themselves. */
  against(others: Int32Array): Promise<Float64Array>;
}

/** How much there is to learn: learner's loss − teacher's loss, element by element. */
export const learnability = (learnerLoss: ArrayLike<number>, teacherLoss: ArrayLike<number>): Float64Array =>
  Float64Array.from(learnerLoss, (loss, i) => loss - teacherLoss[i]!);

/** How easy a pair is for the teacher: −loss. */
export const easyReference = (teacherLoss: ArrayLike<number>): Float64Array =>
  Float64Array.from(teacherLoss, (loss) => -loss);

/** Embeddings of a super-batch by the models that the score needs. */
export type ScoredPairs =
  | {
      readonly score: 'learnability';
      readonly teacher: PairEmbeddings;
      readonly learner: PairEmbeddings;
    }
  | { readonly score: 'easyReference'; readonly teacher: PairEmbeddings };

/** The score that a setting names, of the given embeddings. Nothing is computed before it is asked for. */
export function pairScores(losses: PairLosses, pairs: ScoredPairs): PairScores {
  const size = pairs.teacher.images.shape[0]!;
  if (pairs.score === 'learnability' && pairs.learner.images.shape[0] !== size) {
    throw new RangeError(
      `the learner embedded ${pairs.learner.images.shape[0]} pairs and the teacher ${size}: give both the same`,
    );
  }
  const score = async (part: (model: PairEmbeddings) => Promise<Float64Array>) =>
    pairs.score === 'learnability'
      ? learnability(await part(pairs.learner), await part(pairs.teacher))
      : easyReference(await part(pairs.teacher));
  return {
    size,
    matching: () => score((model) => losses.matching(model)),
    against: (others) => score((model) => losses.against(model, others)),
  };
}
