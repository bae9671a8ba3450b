import { z } from 'zod';

/** Which state of a run becomes the model: the best on what is held out, or the last. */
export const KEEP = ['best', 'last'] as const;
export type Keep = (typeof KEEP)[number];

/** What `siglip2 train --keep` says: which state becomes the model, and what chooses the best. */
export interface KeepChoice {
  readonly which: Keep;
  /** A number of the recipe's evaluators. Default: what the recipe says. */
  readonly metric?: string;
}

/** `best`, `last`, or `best:zero-shot/top1`. */
export const keepOption = z
  .string()
  .regex(/^(best|last|best:.+)$/, 'expected best, last or best:METRIC')
  .transform((text): KeepChoice => {
    const metric = /^best:(.+)$/.exec(text)?.[1];
    return metric === undefined ? { which: text === 'last' ? 'last' : 'best' } : { which: 'best', metric };
  })
  .optional();

/** The option as a command line that continues the run has it. */
export const keepFlags = (keep: KeepChoice | undefined): string[] =>
  keep ? [`--keep ${keep.metric === undefined ? keep.which : `best:${keep.metric}`}`] : [];
