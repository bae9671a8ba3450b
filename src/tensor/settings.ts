/**
 * How settings are checked where they enter: a schema beside the type says what each must be, and the error names the
 * field, what was given and what is expected. In the lowest room, as every room has settings.
 * @module
 */
import { z } from 'zod';

/**
 * A value that `holds` says is right.
 * @param expected ends the sentence "it must be …"
 * @example
 * const even = rules.rule<number>('an even number', (value) => typeof value === 'number' && value % 2 === 0);
 */
export const rule = <T>(expected: string, holds: (value: unknown) => boolean): z.ZodType<T> =>
  z.custom<T>(holds, { error: expected });

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
const numberIn = (expected: string, holds: (value: number) => boolean): z.ZodType<number> =>
  rule(expected, (value) => isNumber(value) && holds(value));

export const count = numberIn('a whole number of at least 1', (n) => isWhole(n) && n >= 1);
export const wholeNumber = numberIn('a whole number of at least 0', (n) => isWhole(n) && n >= 0);
export const finite = numberIn('a number', () => true);
export const positive = numberIn('a number above 0', (n) => n > 0);
export const atLeastZero = numberIn('a number of at least 0', (n) => n >= 0);
export const share = numberIn('a number from 0 to 1', (n) => n >= 0 && n <= 1);
/** A bound, which may be infinite. */
export const atLeastOne: z.ZodType<number> = rule(
  'a number of at least 1',
  (value) => typeof value === 'number' && value >= 1,
);
export const shareBelowOne = numberIn('a number of at least 0 and less than 1', (n) => n >= 0 && n < 1);
/** What random numbers are drawn by: any whole number. */
export const seed = numberIn('a whole number', isWhole);
export const flag: z.ZodType<boolean> = rule('true or false', (value) => typeof value === 'boolean');
export const text: z.ZodType<string> = rule(
  'a text that is not empty',
  (value) => typeof value === 'string' && value !== '',
);

/** A text, which may be empty. */
export const anyText: z.ZodType<string> = rule('a text', (value) => typeof value === 'string');
/** A bound that something must not pass; none is Infinity. */
export const limit: z.ZodType<number> = rule(
  'a number above 0',
  (value) => typeof value === 'number' && value > 0,
);

/**
 * A function; what it takes and gives is for TypeScript.
 * @example
 * const onStep = rules.callback<(step: number) => void>();
 */
export const callback = <T>(): z.ZodType<T> => rule('a function', (value) => typeof value === 'function');

/**
 * An object of another kind than settings, such as a tokenizer.
 * @param what as in "a tokenizer"
 * @example
 * const tokenizer = rules.object<TextTokenizer>('a tokenizer');
 */
export const object = <T>(what: string): z.ZodType<T> =>
  rule(what, (value) => typeof value === 'object' && value !== null);

/**
 * One of these texts.
 * @example
 * const side = rules.oneOf(['left', 'right']);
 */
export const oneOf = <const T extends string>(values: readonly T[]): z.ZodType<T> =>
  rule(`one of ${values.join(', ')}`, (value) => (values as readonly unknown[]).includes(value));

/**
 * Two numbers that rise, above 0.
 * @param most the largest that they may be. Default: no bound.
 * @example
 * const area = rules.risingPair(1); // such as [0.4, 1]
 */
export const risingPair = (most = Number.POSITIVE_INFINITY): z.ZodType<readonly [number, number]> =>
  rule(
    `two numbers that rise, above 0${most < Number.POSITIVE_INFINITY ? ` and at most ${most}` : ''}`,
    (value) => {
      if (!Array.isArray(value) || value.length !== 2) return false;
      const [low, high]: unknown[] = value;
      return isNumber(low) && isNumber(high) && low > 0 && low <= high && high <= most;
    },
  );

/**
 * A list of values that each follow a rule.
 * @param least fewest items. Default 0.
 * @example
 * const seeds = rules.listOf(rules.seed, 1);
 */
export const listOf = <T>(item: z.ZodType<T>, least = 0): z.ZodType<readonly T[]> => {
  const expected = least > 0 ? `a list of at least ${least}` : 'a list';
  return z.array(item, { error: expected }).min(least, { error: expected });
};

/**
 * A value that may be left out.
 * @example
 * const steps = rules.optional(rules.count);
 */
export const optional = <T>(schema: z.ZodType<T>): z.ZodType<T | undefined> => schema.optional();

/** A rule for every field of a settings type. */
export type Rules<T extends object> = { readonly [K in keyof Required<T>]: z.ZodType<T[K]> };

/**
 * The schema of a settings type: every field must have a rule, and no other field may be given.
 * @example
 * const scheduleSchema = rules.settings<{ readonly steps: number }>({ steps: rules.count });
 */
export const settings = <T extends object>(shape: Rules<T>): z.ZodType<T> =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `known are ${Object.keys(shape).join(', ')}` : 'an object with settings',
  }) as unknown as z.ZodType<T>;

/**
 * As {@link settings}, with what its fields must be to each other.
 * @param flaw what is wrong, or nothing
 * @example
 * const range = rules.settings<{ readonly from: number; readonly to: number }>({
 *   from: rules.wholeNumber,
 *   to: rules.wholeNumber,
 * });
 * const rising = rules.consistent(range, ({ from, to }) => (from < to ? undefined : 'from must be below to'));
 */
export const consistent = <T extends object>(
  schema: z.ZodType<T>,
  flaw: (value: T) => string | undefined,
): z.ZodType<T> =>
  schema.superRefine((value, context) => {
    const message = flaw(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message, params: { whole: true } });
  });

function addIssues(context: z.RefinementCtx<unknown>, schema: z.ZodType<unknown>, value: unknown): void {
  for (const { path, message, ...issue } of schema.safeParse(value).error?.issues ?? [])
    context.addIssue({ ...issue, path: [...path], message } as z.core.$ZodRawIssue);
}

/**
 * One of several kinds of settings, told apart by `kind`.
 * @example
 * type Figure =
 *   | { readonly kind: 'circle'; readonly radius: number }
 *   | { readonly kind: 'square'; readonly side: number };
 * const figure = rules.kinds<Figure>({
 *   circle: rules.settings({ kind: rules.oneOf(['circle']), radius: rules.positive }),
 *   square: rules.settings({ kind: rules.oneOf(['square']), side: rules.positive }),
 * });
 */
export const kinds = <T extends { readonly kind: string }>(
  schemas: {
    readonly [K in T['kind']]: z.ZodType<unknown>;
  },
): z.ZodType<T> =>
  z.custom<T>().superRefine((value, context) => {
    const names = Object.keys(schemas);
    const given: unknown = typeof value === 'object' && value !== null ? value.kind : undefined;
    const schema = (schemas as Readonly<Record<string, z.ZodType<unknown>>>)[String(given)];
    if (!schema) {
      context.addIssue({ code: 'custom', path: ['kind'], message: `one of ${names.join(', ')}` });
      return;
    }
    addIssues(context, schema, value);
  });

/**
 * Settings of one of two types, told apart by a field that only the first has.
 * @example
 * const byName = rules.settings<{ readonly name: string }>({ name: rules.text });
 * const byNumber = rules.settings<{ readonly number: number }>({ number: rules.count });
 * const item = rules.eitherBy('name', byName, byNumber);
 */
export const eitherBy = <A, B>(field: string, first: z.ZodType<A>, second: z.ZodType<B>): z.ZodType<A | B> =>
  z.custom<A | B>().superRefine((value, context) => {
    const isFirst = typeof value === 'object' && value !== null && field in value;
    addIssues(context, isFirst ? first : second, value);
  });

const LONGEST = 60;

/** A value as an error shows it. */
function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  const written = Array.isArray(value)
    ? `[${value.slice(0, 8).map(shown).join(', ')}${value.length > 8 ? ', …' : ''}]`
    : `{ ${Object.keys(value).join(', ')} }`;
  return written.length > LONGEST ? `${written.slice(0, LONGEST)}…` : written;
}

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );

const placeOf = (what: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (place, key) => (typeof key === 'number' ? `${place}[${key}]` : `${place}.${String(key)}`),
    what,
  );

function sentence(what: string, { path, message, ...issue }: z.core.$ZodIssue, value: unknown): string {
  const place = placeOf(what, path);
  if (issue.code === 'unrecognized_keys')
    return `${place} has no setting ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}; ${message}`;
  if (issue.code === 'custom' && issue.params?.['whole'] === true) return `${place}: ${message}`;
  const given = at(value, path);
  return given === undefined
    ? `${place} is missing; it must be ${message}`
    : `${place} is ${shown(given)}; it must be ${message}`;
}

/**
 * Checks settings where they enter.
 * @param what names them, e.g. `optimizer`
 * @throws RangeError naming the first field that is wrong, what was given and what is expected
 * @example
 * const schema = rules.settings<{ readonly steps: number }>({ steps: rules.count });
 * rules.check('schedule', schema, { steps: 10 });
 */
export function check(what: string, schema: z.ZodType<unknown>, value: unknown): void {
  const issue = schema.safeParse(value).error?.issues[0];
  if (issue) throw new RangeError(sentence(what, issue, value));
}
