import { mean } from '../../evaluate/metrics/mean.ts';
import type { Arrays } from '../../tensor/index.ts';
import type { Random } from '../../tensor/random.ts';
import { takeRows } from '../../tensor/rows.ts';
import type { Selection } from '../step/select.ts';
import type { PairLosses } from './pairLosses.ts';
import type { PairScorer } from './pairScorer.ts';
import { pairScores, type ScoredPairs } from './pairScores.ts';
import { selectJointly } from './selectJointly.ts';
import { type CurationSettings, selectedSize } from './settings.ts';
import { learnerView, pairCount } from './superBatch.ts';

/** Which of the two models judges. */
export type CurationModel = 'learner' | 'teacher';

/** What a model makes of a super-batch. */
export type Score = (superBatch: Arrays, model: CurationModel) => ReturnType<PairScorer['embed']>;

/**
 * One step of active data curation (ACID; paper §2.5): both models judge a super-batch, a batch is chosen
 * jointly, and the learner's entries of it are handed on. Metrics: the mean score of the pairs that were offered and
 * of those that were chosen.
 * @param superBatch entries of equal numbers of rows, pair i in row i
 * @throws RangeError when the super-batch does not fit the filter ratio.
 */
export async function activeCuration(
  superBatch: Arrays,
  score: Score,
  losses: PairLosses,
  settings: CurationSettings,
  random: Random,
): Promise<Selection> {
  const count = pairCount(superBatch);
  const select = selectedSize(count, settings.filterRatio);
  const teacher = await score(superBatch, 'teacher');
  const pairs: ScoredPairs =
    settings.score === 'learnability'
      ? { score: settings.score, teacher, learner: await score(superBatch, 'learner') }
      : { score: settings.score, teacher };
  const scores = pairScores(losses, pairs);
  const matching = await scores.matching();
  const chosen = await selectJointly(
    { ...scores, matching: async () => matching },
    { select, chunks: settings.chunks },
    random,
  );
  const batch = Object.entries(learnerView(superBatch)).map(([name, array]) => [
    name,
    takeRows(array, chosen),
  ]);
  return {
    batch: Object.fromEntries(batch),
    metrics: {
      score_offered: mean(matching),
      score_chosen: mean(Array.from(chosen, (pair) => matching[pair]!)),
    },
  };
}
