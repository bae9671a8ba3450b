import { z } from '@hono/zod-openapi';
import { ERROR_TYPES } from '../requests/errors.ts';
import { errorSchema } from '../schemas.ts';

/** An error under /v1: OpenAI's shape. */
const v1ErrorSchema = z
  .object({
    error: z.object({
      message: z.string().openapi({ description: 'What is wrong, and what to do.' }),
      type: z.enum(ERROR_TYPES),
      param: z.string().nullable().openapi({ description: 'The field that is at fault.' }),
      code: z.string().nullable(),
    }),
  })
  .openapi('V1Error');

const described = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** The errors that a route can give, in one shape. */
const errors = <T extends z.ZodType>(schema: T) => ({
  400: described(schema, 'The request is invalid.'),
  401: described(schema, 'The server wants a key.'),
  408: described(schema, 'The body did not arrive in time.'),
  413: described(schema, 'The body or an image is too large.'),
  415: described(schema, 'The content type is not supported.'),
  429: described(schema, 'The server is busy: send the request again after the seconds of Retry-After.'),
  503: described(
    schema,
    'The server is starting or stopping: send the request again after the seconds of Retry-After.',
  ),
});

/** A route's answers for the OpenAPI document: one success and the errors it can give. */
export const answers = <T extends z.ZodType>(description: string, schema: T) => ({
  200: described(schema, description),
  ...errors(errorSchema),
});

/** The same for a route under /v1. */
export const v1Answers = <T extends z.ZodType>(description: string, schema: T) => ({
  200: described(schema, description),
  404: described(v1ErrorSchema, 'There is no such thing; the message says what there is.'),
  ...errors(v1ErrorSchema),
});

/** An error of a route under /v1, beside those that all have. */
export const v1Error = (description: string) => described(v1ErrorSchema, description);

/** The errors of a route that only the one who started the server may use. */
export const ownerErrors = {
  ...errors(v1ErrorSchema),
  403: v1Error('Only the one who started the server may do this, from the same machine.'),
  404: v1Error('There is no such thing; the message says what there is.'),
  409: v1Error('This cannot be done now.'),
} as const;

/** A stream of events, which ends when the client or the server goes. */
export const eventAnswers = (description: string) => ({
  200: { description, content: { 'text/event-stream': { schema: z.string() } } },
  429: v1Error('Too many streams are open.'),
});

/** @param example a request that the document shows; a test sends it */
export const jsonBody = <T extends z.ZodType>(schema: T, example?: z.input<T>) => ({
  body: {
    required: true,
    content: { 'application/json': { schema, ...(example !== undefined && { example }) } },
  },
});

export const formBody = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'multipart/form-data': { schema } } },
});
