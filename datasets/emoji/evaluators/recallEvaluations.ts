import { type Evaluation, type Recall, shareInterval } from '../../../src/evaluate/index.ts';

/**
 * Recall@1, 5 and 10 as evaluations.
 * @param hasInterval whether the queries are drawn, not means of such
 */
export function* recallEvaluations(
  prefix: string,
  found: Recall,
  chance: Recall,
  hasInterval: boolean,
): Generator<Evaluation> {
  for (const k of [1, 5, 10] as const) {
    const value = found[`at${k}`];
    const interval = hasInterval ? { interval: shareInterval(value, found.queries) } : {};
    yield { metric: `${prefix}@${k}`, value, ...interval, chance: chance[`at${k}`], count: found.queries };
  }
}
