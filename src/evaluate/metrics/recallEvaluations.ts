import type { Evaluation } from '../evaluator.ts';
import { shareInterval } from './interval.ts';
import type { Recall } from './recall.ts';

/**
 * Recall@1, 5 and 10 as numbers of an evaluator: `prefix@1`, `prefix@5` and `prefix@10`.
 * @param chance what guessing would reach
 * @param hasInterval whether the queries are drawn, not means of such. Default true.
 * @example
 * const evaluations = [...recallEvaluations('textToImage', recall([0, 3]), chanceRecall(2, 100))];
 */
export function* recallEvaluations(
  prefix: string,
  found: Recall,
  chance: Recall,
  hasInterval = true,
): Generator<Evaluation> {
  for (const k of [1, 5, 10] as const) {
    const value = found[`at${k}`];
    const interval = hasInterval ? { interval: shareInterval(value, found.queries) } : {};
    yield { metric: `${prefix}@${k}`, value, ...interval, chance: chance[`at${k}`], count: found.queries };
  }
}
