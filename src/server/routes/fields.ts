import { z } from '@hono/zod-openapi';
import { LIMITS } from '../requests/limits.ts';

/** How finely a NaFlex model looks at the images of a request. */
export const maxPatchesField = z.int().min(1).max(LIMITS.patches).optional().openapi({
  description:
    'NaFlex models: most patches of an image; more see more and take longer. Default: what /v1/models says. Other models refuse it.',
});

/** What a request cost. */
export const usageSchema = z.object({
  prompt_tokens: z.int().openapi({
    description:
      'Tokens of the texts that the model read, the marks of their ends among them, and patches of the images.',
  }),
  total_tokens: z.int(),
});
