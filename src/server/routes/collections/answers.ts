import type { z } from '@hono/zod-openapi';
import { errorSchema } from '../../schemas.ts';
import { answers } from '../answers.ts';

const missing = (description: string) => ({
  description,
  content: { 'application/json': { schema: errorSchema } },
});

/** As {@link answers}, of a route that asks a collection. */
export const collectionAnswers = <T extends z.ZodType>(description: string, schema: T) => ({
  ...answers(description, schema),
  404: missing('There is no such collection, or no such picture in it.'),
});
