import { z } from 'zod';

/** Holds what the recipe trains, as JSON. */
export const CASE_VARIABLE = 'SIGLIP2_MEMORY_CASE';

export const caseSchema = z.object({
  losses: z.enum(['sigmoid', 'sigmoid+locca', 'all']),
  /** Sides of the images, one a stage: each from the end of the one before. */
  resolutions: z.array(z.int()).min(1),
  vocabulary: z.int(),
  batch: z.int(),
  /** Blocks of a tower, for a trial. */
  layers: z.int().optional(),
  /** Of the heads of the self-supervised losses. */
  prototypes: z.int().optional(),
});
export type MemoryCase = z.output<typeof caseSchema>;
