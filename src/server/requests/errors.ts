import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { firstFault } from './firstFault.ts';
import { RETRY_SECONDS } from './limits.ts';

/** What an error under /v1 says besides its sentence. */
export interface ErrorDetails {
  /** The field that is at fault: `input.3`. */
  readonly param?: string | undefined;
  /** For programs: `model_not_found`. */
  readonly code?: string | undefined;
  /** When to come again, in seconds, where that is later than usual. */
  readonly retrySeconds?: number | undefined;
}

/** An error for the client to read, with what OpenAI's clients look for. */
export class RequestError extends HTTPException {
  readonly details: ErrorDetails;

  constructor(status: ContentfulStatusCode, message: string, details: ErrorDetails = {}) {
    super(status, { message });
    this.details = details;
  }
}

/** A mistake of the client's; `message` is what it reads. */
export const badRequest = (message: string, param?: string): RequestError =>
  new RequestError(400, message, { param });

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

/** OpenAI's kinds of errors. */
export const ERROR_TYPES = [
  'invalid_request_error',
  'authentication_error',
  'not_found_error',
  'rate_limit_error',
  'server_error',
] as const;

const typeOf = (status: number): (typeof ERROR_TYPES)[number] => {
  if (status === 401 || status === 403) return 'authentication_error';
  if (status === 404) return 'not_found_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
};

/** Whether a path has OpenAI's errors. */
const isForPrograms = (path: string): boolean => path === '/v1' || path.startsWith('/v1/');

/** An error as JSON: in OpenAI's shape under /v1, `{ error }` elsewhere. */
export function errorBody(path: string, status: number, message: string, details: ErrorDetails = {}) {
  if (!isForPrograms(path)) return { error: message };
  const { param = null, code = null } = details;
  return { error: { message, type: typeOf(status), param, code } };
}

/** The answer to a request that is refused, with when to come again where that helps. */
export function refusal(
  path: string,
  status: ContentfulStatusCode,
  message: string,
  details?: ErrorDetails,
): Response {
  const headers = new Headers({ 'content-type': 'application/json' });
  if (RETRIED.includes(status)) headers.set('retry-after', String(RETRY_SECONDS));
  return new Response(JSON.stringify(errorBody(path, status, message, details)), { status, headers });
}

/** Every error as JSON. What is not the client's mistake is logged, and told without its details. */
export function errorResponse(error: Error, context: Context, log: (line: string) => void): Response {
  const { path } = context.req;
  const answer = (status: ContentfulStatusCode, message: string, details?: ErrorDetails) =>
    context.json(errorBody(path, status, message, details), status);
  if (error instanceof HTTPException) {
    const details = error instanceof RequestError ? error.details : undefined;
    if (RETRIED.includes(error.status))
      context.header('retry-after', String(details?.retrySeconds ?? RETRY_SECONDS));
    return answer(error.status, DEFAULT_MESSAGES[error.message] ?? error.message, details);
  }
  // Nobody reads this any more, and nothing of the server's has failed.
  if (context.req.raw.signal.aborted) return answer(400, 'the client is gone');
  log(`${context.req.method} ${path}: ${error.stack ?? error.message}`);
  return answer(500, 'the server failed; its log says why');
}

type Validation = { readonly success: true } | { readonly success: false; readonly error: z.core.$ZodError };

/** A request that its schema refuses: the first fault in one sentence. */
export function invalidResponse(result: Validation, context: Context): Response | undefined {
  if (result.success) return undefined;
  const { field, message } = firstFault(result.error);
  const sentence = field === '' ? message : `${field}: ${message}`;
  return context.json(errorBody(context.req.path, 400, sentence, { param: field || undefined }), 400);
}
