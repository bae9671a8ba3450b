import {
  check,
  count,
  object,
  optional,
  settings as settingsOf,
  wholeNumber,
} from '../../tensor/settings.ts';
import type { Sample } from '../samples/sample.ts';
import { isKept } from './balance.ts';
import { BALANCE_DEFAULTS, type BalanceSettings, createBalancer } from './balancer.ts';
import { captionReader, type Lexicon, schemaOf } from './lexicon.ts';
import { type BalanceReport, createRecorder } from './report.ts';

export interface BalanceSamplesOptions {
  readonly lexicon: Lexicon;
  readonly settings?: Partial<BalanceSettings>;
  /** Times that the set is read; the last one decides. See `balance`. Default 1. */
  readonly passes?: number;
  readonly seed: number;
}

const balanceSamplesSchema = settingsOf<BalanceSamplesOptions>({
  lexicon: object('a lexicon'),
  // Completed, and then checked, where the balancer is made.
  settings: optional(object('an object with settings')),
  passes: optional(count),
  seed: wholeNumber,
});

export interface BalancedSamples {
  /** The samples that stay, in order. Read it once, to the end. */
  readonly kept: AsyncIterable<Sample>;
  /** The state of things so far; final when `kept` is read. */
  report(): BalanceReport;
}

/**
 * Balances samples by the words of their captions, as they stream by.
 * @param open reads the set from its start, the same in every pass
 * @throws RangeError when passes is not a positive integer or the lexicon makes no sense
 * @example
 * const photos = await imageFolder('photos');
 * const balanced = balanceSamples(() => readSource(photos), { lexicon: DEFAULT_LEXICON, seed: 0 });
 */
export function balanceSamples(
  open: () => AsyncIterable<Sample> | Iterable<Sample>,
  options: BalanceSamplesOptions,
): BalancedSamples {
  check('balanceSamples', balanceSamplesSchema, options);
  const { lexicon, settings: own, passes = 1, seed } = options;
  const schema = schemaOf(lexicon);
  const settings = { ...BALANCE_DEFAULTS, ...own };
  const balancer = createBalancer(schema, settings);
  const recorder = createRecorder(schema, settings);
  const read = captionReader(lexicon);
  const exampleOf = ({ captions }: Sample) => read(captions.map(({ text }) => text).join('\n'));

  async function* keep(): AsyncGenerator<Sample> {
    for (let pass = 1; pass < passes; pass++)
      for await (const sample of open()) balancer.next(exampleOf(sample));
    for await (const sample of open()) {
      const example = exampleOf(sample);
      const probability = balancer.next(example);
      recorder.add(example, probability);
      if (isKept(probability, seed, `${sample.source}\n${sample.key}`)) yield sample;
    }
  }
  return { kept: keep(), report: recorder.report };
}
