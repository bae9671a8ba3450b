import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';

/** A mistake of the client's; `message` is what it reads. */
export const badRequest = (message: string): HTTPException => new HTTPException(400, { message });

const DEFAULT_MESSAGES: Readonly<Record<string, string>> = {
  'Unsupported Media Type': 'the content type is not one that this address takes; /openapi.json lists them',
  'Malformed JSON in request body': 'the body is not valid JSON',
};

/** Every error as `{ error }`. What is not the client's mistake is logged, and told without its details. */
export function errorResponse(error: Error, context: Context, log: (line: string) => void): Response {
  if (error instanceof HTTPException) {
    return context.json({ error: DEFAULT_MESSAGES[error.message] ?? error.message }, error.status);
  }
  log(`${context.req.method} ${context.req.path}: ${error.stack ?? error.message}`);
  return context.json({ error: 'the server failed; its log says why' }, 500);
}

type Validation = { readonly success: true } | { readonly success: false; readonly error: z.core.$ZodError };

/** A request that its schema refuses: the first fault in one sentence. */
export function invalidResponse(result: Validation, context: Context): Response | undefined {
  if (result.success) return undefined;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.');
  return context.json({ error: `${field ? `${field}: ` : ''}${issue?.message ?? 'invalid request'}` }, 400);
}

/** Refuses a body above so many bytes before it is parsed. */
export const limitBody = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: (context) =>
      context.json({ error: `the body has more than the limit of ${maxSize} bytes; send less at once` }, 413),
  });
