import { z } from 'zod';
import { columnFields } from '../support/columns.ts';
import { costFields } from '../support/costOption.ts';
import {
  maxBad,
  modelSchema,
  nonNegativeInteger,
  positiveInteger,
  positiveNumber,
} from '../support/options.ts';
import { KEEP } from '../train/keep.ts';

const nonNegativeNumber = z
  .string()
  .refine((text) => /\d/.test(text) && Number(text) >= 0, 'expected a number of at least 0')
  .transform(Number);

export const finetuneSchema = modelSchema.extend({
  data: z.array(z.string()),
  annotations: z.array(z.string()).optional(),
  ...columnFields,
  output: z.string(),
  run: z.string().optional(),
  validation: z.string().optional(),
  freeze: z.string().optional(),
  batch: positiveInteger.optional(),
  chunk: positiveInteger.optional(),
  steps: positiveInteger.optional(),
  epochs: positiveNumber.optional(),
  learningRate: positiveNumber.optional(),
  weightDecay: nonNegativeNumber.optional(),
  warmup: nonNegativeInteger.optional(),
  seed: nonNegativeInteger.optional(),
  saveEvery: positiveInteger.optional(),
  saveAs: z.enum(['float32', 'float16', 'bfloat16']).optional(),
  keep: z.enum(KEEP).optional(),
  maxBad,
  resume: z.boolean().default(false),
  ignoreMemory: z.boolean().default(false),
  ...costFields,
  json: z.boolean().default(false),
});
/** What the command line says. */
export type FinetuneOptions = z.output<typeof finetuneSchema>;
