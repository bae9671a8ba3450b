import { createTally, isNoteworthy, tallyText } from '../../../data/samples/tally.ts';
import type { Encoder } from '../../../encoder/encoder.ts';
import { check, settings } from '../../../tensor/settings.ts';
import { optionsOnce, prefixOf, type ScheduledEvaluator } from './scheduled.ts';

/** A number by its name in the log. */
export interface Metric {
  readonly name: string;
  readonly value: number;
  readonly lowerIsBetter: boolean;
}

/** Runs one evaluator again and again. */
export interface EvaluatorRun {
  readonly scheduled: ScheduledEvaluator;
  /** @throws Error naming the evaluator that failed */
  run(encoder: Encoder): Promise<Metric[]>;
}

/** Of samples that evaluators read. */
const TALLY = { maxRate: 0.1, minimum: 100 } as const;

/**
 * Prepares an evaluator: its options are made and checked when they are first needed.
 * @param onNotice told of bad samples, once, and of what is no number
 */
export function prepareEvaluator(
  scheduled: ScheduledEvaluator,
  onNotice: (message: string) => void,
): EvaluatorRun {
  const { evaluator } = scheduled;
  const prefix = prefixOf(scheduled);
  const optionsOf = optionsOnce(scheduled);
  const counts = Object.hasOwn(evaluator.options, 'tally');
  let told = false;

  async function evaluate(encoder: Encoder): Promise<Metric[]> {
    const given = await optionsOf();
    const tally = createTally(TALLY);
    const options = { ...(counts && { tally }), ...given };
    check(evaluator.name, settings(evaluator.options), options);
    const found: Metric[] = [];
    for await (const { metric, value, lowerIsBetter = false } of evaluator.run(encoder, options)) {
      const name = `${prefix}/${metric}`;
      if (Number.isFinite(value)) found.push({ name, value, lowerIsBetter });
      else onNotice(`${name} is ${value}, which is no number; it is left out of the log`);
    }
    const report = tally.report();
    if (isNoteworthy(report) && !told) onNotice(`${prefix}: ${tallyText(report)}`);
    told = true;
    return found;
  }

  return {
    scheduled,
    run: (encoder) =>
      evaluate(encoder).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`the evaluator ${prefix} failed: ${reason}`, { cause });
      }),
  };
}
