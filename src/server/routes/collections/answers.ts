import type { z } from '@hono/zod-openapi';
import { v1Answers, v1Error } from '../answers.ts';

/** As {@link v1Answers}, of a route that asks a collection. */
export const collectionAnswers = <T extends z.ZodType>(description: string, schema: T) => ({
  ...v1Answers(description, schema),
  404: v1Error('There is no such collection, or no such picture in it.'),
});
