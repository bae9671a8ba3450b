import { createRandom } from '../../tensor/random.ts';
import { check, count, share } from '../../tensor/settings.ts';
import { BALANCE_DEFAULTS, type BalanceSettings, createBalancer } from './balancer.ts';
import { type BalanceExample, type BalanceSchema, checkExample } from './example.ts';
import { type BalanceReport, createRecorder } from './report.ts';

export interface BalanceOptions extends BalanceSettings {
  /**
   * Times that the examples are gone through; the last pass gives the result, earlier ones only move the dual
   * variables. One, as in the original, is enough for large sets; some thousand examples gain from two or three.
   */
  readonly passes: number;
}

export interface BalanceResult {
  /** Probability with which to keep each example, in their order. */
  readonly keepProbabilities: Float64Array;
  readonly report: BalanceReport;
}

/**
 * Balances a data set that is in memory; {@link createBalancer} does the same for a stream. Deterministic.
 * @throws RangeError when the schema or a setting is wrong or an example does not fit, naming it and its value
 */
export function balance(
  schema: BalanceSchema,
  examples: readonly BalanceExample[],
  options: Partial<BalanceOptions> = {},
): BalanceResult {
  const { passes, ...settings } = { ...BALANCE_DEFAULTS, passes: 1, ...options };
  check('passes', count, passes);
  const balancer = createBalancer(schema, settings);
  for (const [i, example] of examples.entries()) checkExample(schema, example, `examples[${i}]`);
  for (let pass = 1; pass < passes; pass++) for (const example of examples) balancer.next(example);
  const recorder = createRecorder(schema, settings);
  const keepProbabilities = Float64Array.from(examples, (example) => {
    const keep = balancer.next(example);
    recorder.add(example, keep);
    return keep;
  });
  return { keepProbabilities, report: recorder.report() };
}

/** Whether an example stays: a coin with the given probability that depends on seed and key alone, not on the order. */
export function isKept(keepProbability: number, seed: number, key: string): boolean {
  check('keepProbability', share, keepProbability);
  return createRandom(seed, 'balance', key).next() < keepProbability;
}
