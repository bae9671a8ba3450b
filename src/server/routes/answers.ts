import type { z } from '@hono/zod-openapi';
import { errorSchema } from '../schemas.ts';

/** A route's answers for the OpenAPI document: one success and the errors it can give. */
export const answers = <T extends z.ZodType>(description: string, schema: T) => ({
  200: { description, content: { 'application/json': { schema } } },
  400: { description: 'The request is invalid.', content: { 'application/json': { schema: errorSchema } } },
  413: { description: 'The body is too large.', content: { 'application/json': { schema: errorSchema } } },
  415: {
    description: 'The content type is not supported.',
    content: { 'application/json': { schema: errorSchema } },
  },
});

export const jsonBody = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});

export const formBody = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'multipart/form-data': { schema } } },
});
