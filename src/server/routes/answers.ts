import type { z } from '@hono/zod-openapi';
import { errorSchema } from '../schemas.ts';

const error = (description: string) => ({
  description,
  content: { 'application/json': { schema: errorSchema } },
});

/** A route's answers for the OpenAPI document: one success and the errors it can give. */
export const answers = <T extends z.ZodType>(description: string, schema: T) => ({
  200: { description, content: { 'application/json': { schema } } },
  400: error('The request is invalid.'),
  401: error('The server wants a key.'),
  408: error('The body did not arrive in time.'),
  413: error('The body or an image is too large.'),
  415: error('The content type is not supported.'),
  429: error('The server is busy: send the request again after the seconds of Retry-After.'),
  503: error('The server is starting or stopping: send the request again after the seconds of Retry-After.'),
});

export const jsonBody = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});

export const formBody = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'multipart/form-data': { schema } } },
});
