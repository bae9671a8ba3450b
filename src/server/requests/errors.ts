import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { RETRY_SECONDS } from './limits.ts';

/** A mistake of the client's; `message` is what it reads. */
export const badRequest = (message: string): HTTPException => new HTTPException(400, { message });

const DEFAULT_MESSAGES: Readonly<Record<string, string>> = {
  'Unsupported Media Type': 'the content type is not one that this address takes; /openapi.json lists them',
  'Malformed JSON in request body': 'the body is not valid JSON',
};

/** A request that came at a bad time: the same one will be answered later. */
const RETRIED: readonly number[] = [429, 503];

/** More requests are waited for than the server takes. */
export const busy = (): HTTPException =>
  new HTTPException(429, {
    message: `the server is busy with other requests; send this one again in ${RETRY_SECONDS} s`,
  });

/** Every error as `{ error }`. What is not the client's mistake is logged, and told without its details. */
export function errorResponse(error: Error, context: Context, log: (line: string) => void): Response {
  if (error instanceof HTTPException) {
    if (RETRIED.includes(error.status)) context.header('retry-after', String(RETRY_SECONDS));
    return context.json({ error: DEFAULT_MESSAGES[error.message] ?? error.message }, error.status);
  }
  // Nobody reads this any more, and nothing of the server's has failed.
  if (context.req.raw.signal.aborted) return context.json({ error: 'the client is gone' }, 400);
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
