import type { Evaluator } from '../../evaluate/evaluator.ts';
import { check, settings } from '../../tensor/settings.ts';
import { UsageError } from '../support/errors.ts';

/** An option of a task as people are told of it. */
export interface TaskOption {
  readonly name: string;
  readonly description: string;
}

/** The options that `--with` gives: those with a description. */
export const optionsOf = ({ options }: Evaluator): TaskOption[] =>
  Object.entries(options).flatMap(([name, rule]) =>
    rule.description === undefined ? [] : [{ name, description: rule.description }],
  );

/** Whether a task reads a set of samples, and whether it can do without. */
export function dataOf({ options }: Evaluator): 'none' | 'optional' | 'needed' {
  const rule = Object.entries(options).find(([name]) => name === 'data')?.[1];
  if (!rule) return 'none';
  return rule.safeParse(undefined).success ? 'optional' : 'needed';
}

/** A value as JSON or, where it is none, as a text. */
function parsedValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * The options that `--with name=value` gives.
 * @throws UsageError naming one that has no value or that the task does not have
 */
export function parseWith(evaluator: Evaluator, given: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    given.map((one) => {
      const [, name = '', value = ''] = /^([A-Za-z]\w*)=(.*)$/s.exec(one) ?? [];
      if (name === '') throw new UsageError(`--with is ${JSON.stringify(one)}; expected name=value`);
      assertOption(evaluator, name, `--with ${name}`);
      return [name, parsedValue(value)];
    }),
  );
}

/** @param flag as the user wrote it */
export function assertOption(evaluator: Evaluator, name: string, flag: string): void {
  const known = optionsOf(evaluator).map((one) => one.name);
  if (known.includes(name)) return;
  const has = known.length > 0 ? `it has ${known.join(', ')}` : 'it has none';
  throw new UsageError(`${flag}: the task ${evaluator.name} has no such option; ${has}`);
}

/** @throws UsageError naming the option that is wrong, what was given and what is expected */
export function checkOptions(evaluator: Evaluator, given: object): void {
  try {
    check(evaluator.name, settings(evaluator.options), given);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`${error.message}; --list says what a task takes`, { cause: error });
  }
}
