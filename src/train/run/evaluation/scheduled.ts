import type { Evaluator } from '../../../evaluate/evaluator.ts';
import {
  callback,
  check,
  count,
  listOf,
  object,
  optional,
  rule,
  settings,
  text,
} from '../../../tensor/settings.ts';

/** An evaluator that a recipe runs as it trains. */
export interface ScheduledEvaluator<Options extends object = object> {
  readonly evaluator: Evaluator<Options>;
  /** Its options, or what makes them when they are first needed, e.g. opens its data. Default: none. */
  readonly options?: Options | (() => Options | Promise<Options>);
  /** Updates between two evaluations of a stage; after the stage's last there is one in any case. Default: no others. */
  readonly every?: number;
  /** What its numbers are called in the log: `prefix/metric`. Default: the evaluator's name. */
  readonly prefix?: string;
}

const scheduledSchema = settings<ScheduledEvaluator>({
  evaluator: object('an Evaluator'),
  options: optional(
    rule(
      'an object, or a function that gives one',
      (value) => typeof value === 'function' || isObject(value),
    ),
  ),
  every: optional(count),
  prefix: optional(text),
});

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** What the numbers of an evaluator begin with. */
export const prefixOf = ({ prefix, evaluator }: ScheduledEvaluator): string => prefix ?? evaluator.name;

/** Whether an evaluator runs after a step of a stage. */
export const isDueAt = ({ every }: ScheduledEvaluator, step: number, total: number): boolean =>
  step === total || (every !== undefined && step % every === 0);

/** @throws RangeError naming the field that is wrong, or two evaluators whose numbers could not be told apart */
export function checkScheduled(scheduled: readonly ScheduledEvaluator[]): void {
  check('evaluators', listOf(scheduledSchema), scheduled);
  const prefixes = scheduled.map(prefixOf);
  const twice = prefixes.find((prefix, i) => prefixes.indexOf(prefix) !== i);
  if (twice !== undefined)
    throw new RangeError(`evaluators: two have the prefix ${twice}; give each one of its own`);
}

/** What makes an evaluator's options, once. */
export function optionsOnce({ options = {} }: ScheduledEvaluator): () => Promise<object> {
  let made: Promise<object> | undefined;
  return () => {
    made ??= Promise.resolve(typeof options === 'function' ? (options as () => object)() : options);
    return made;
  };
}

/** The rule of a callback that is told of evaluations. */
export const onEvaluationRule = optional(callback<(evaluated: Evaluated) => void>());

/** The numbers that evaluators gave for the model after a step. */
export interface Evaluated {
  /** Updates done. */
  readonly step: number;
  /** By `prefix/metric`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What the evaluation took, loading the model included. */
  readonly seconds: number;
}
