import { z } from 'zod';

/** What Gemma's tokenizer writes for a space. */
export const SPACE_MARK = '▁';

/** What every accepted normaliser comes to with lower-casing, as a file says it. */
export const LOWERING_NORMALIZER = {
  type: 'Sequence',
  normalizers: [{ type: 'Lowercase' }, { type: 'Replace', pattern: { String: ' ' }, content: SPACE_MARK }],
} as const;

const MAX_TOLD = 60;
const told = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > MAX_TOLD ? `${text.slice(0, MAX_TOLD)}…` : text;
};

const pattern = z.object({ pattern: z.looseObject({ Regex: z.string() }) });
/** Says of a part with a regular expression that this is why it is not run. */
const fault = (value: unknown, expected: string): string =>
  pattern.safeParse(value).success
    ? `is a regular expression, which is never run: one of a few characters can take hours; ${expected}`
    : `is ${told(value)}; ${expected}`;

const space = z.looseObject({ String: z.literal(' ') });
const replaceSpace = z.looseObject({
  type: z.literal('Replace'),
  pattern: space,
  content: z.literal(SPACE_MARK),
});
const lowercase = z.looseObject({ type: z.literal('Lowercase') });
const step = z.union([replaceSpace, lowercase]);

/** Gemma's normaliser, and what `transformers` writes for SigLIP 2: lower-casing first. */
export const normalizerForm = z
  .unknown()
  .superRefine((value, context) => {
    const sequence = z.looseObject({ type: z.literal('Sequence'), normalizers: z.array(z.unknown()) });
    const all = sequence.safeParse(value);
    const steps = all.success ? all.data.normalizers : [value];
    const wrong = steps.findIndex((one) => !step.safeParse(one).success);
    const expected = `expected Replace of " " by "${SPACE_MARK}", with or without Lowercase`;
    if (wrong >= 0) {
      const path = all.success ? ['normalizers', wrong] : [];
      context.addIssue({ code: 'custom', path, message: fault(steps[wrong], expected) });
    } else if (!steps.some((one) => replaceSpace.safeParse(one).success)) {
      context.addIssue({ code: 'custom', message: fault(value, expected) });
    }
  })
  .transform((value) => value);

const split = z.looseObject({
  type: z.literal('Split'),
  pattern: space,
  behavior: z.literal('MergedWithPrevious'),
  invert: z.literal(false).optional(),
});

/** Gemma's pre-tokeniser cuts after spaces, of which the normaliser has left none: it does nothing. */
export const preTokenizerForm = z.unknown().superRefine((value, context) => {
  if (value === null || value === undefined || split.safeParse(value).success) return;
  const message = fault(value, 'expected null, or Split on " " (MergedWithPrevious)');
  context.addIssue({ code: 'custom', message });
});

/** Settings of byte-pair encoding that Gemma leaves off, and that would change its pieces. */
const OFF = { ignore_merges: false, continuing_subword_prefix: '', end_of_word_suffix: '' } as const;

/** Refuses a BPE model that marks words with affixes or passes the merges over. */
export function checkPlainBpe(model: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  for (const [field, off] of Object.entries(OFF)) {
    const value = model[field] ?? off;
    const message = fault(value, `expected ${JSON.stringify(off)} or null`);
    if (value !== off) context.addIssue({ code: 'custom', path: [field], message });
  }
}
