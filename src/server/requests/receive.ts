import { ServerResponse } from 'node:http';
import type { Context, HonoRequest, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { announcedLength, readBody, tooLarge } from './body.ts';
import { type Budget, createBudget } from './budget.ts';
import { busy } from './errors.ts';
import { IMAGES_BODY_BYTES, JSON_BODY_BYTES, READ_ANSWER_MS, SHARED, SMALLEST_BODY } from './limits.ts';
import { parseMultipart } from './multipart.ts';
import { parseJson } from './parseJson.ts';

/** What bodies and waiting requests may use, all together. */
export interface Reception {
  /** Places for requests whose body is here and whose answer is not yet sent. */
  readonly places: Budget;
  readonly jsonBytes: Budget;
  readonly formBytes: Budget;
}

type ReceptionShare = Pick<
  { readonly [name in keyof typeof SHARED]: number },
  'requests' | 'jsonBytes' | 'formBytes'
>;

export const createReception = (shared: ReceptionShare = SHARED): Reception => ({
  places: createBudget(shared.requests),
  jsonBytes: createBudget(shared.jsonBytes),
  formBytes: createBudget(shared.formBytes),
});

const wrongType = () => new HTTPException(415, { message: 'Unsupported Media Type' });

/** Node's side of the answer; a test that asks the app itself has none. */
export function outgoingOf(context: Context): ServerResponse | undefined {
  const env: unknown = context.env;
  const outgoing = typeof env === 'object' && env !== null && 'outgoing' in env ? env.outgoing : undefined;
  return outgoing instanceof ServerResponse ? outgoing : undefined;
}

/** Calls `release` when the answer has left, or its client is gone; one who does not read it in time is cut off. */
function whenSent(outgoing: ServerResponse | undefined, release: () => void): void {
  if (outgoing === undefined || outgoing.destroyed) {
    release();
    return;
  }
  const timer = setTimeout(() => outgoing.destroy(), READ_ANSWER_MS);
  outgoing.once('close', () => {
    clearTimeout(timer);
    release();
  });
}

interface Intake {
  readonly maxBytes: number;
  /** What a body of so many bytes is counted to. */
  readonly budgetOf: (bytes: number) => Budget;
  readonly accepts: (contentType: string) => boolean;
  /** Puts the body where hono's own validators look for it first. */
  readonly hand: (request: HonoRequest, body: Uint8Array<ArrayBuffer>, contentType: string) => void;
}

/**
 * Takes a request in: 429 when too many wait, then the whole body within the shared budget, then a place. A client that
 * sends slowly holds some bytes of the budget, but nobody's place.
 */
function receive(
  { places }: Pick<Reception, 'places'>,
  { maxBytes, budgetOf, accepts, hand }: Intake,
): MiddlewareHandler {
  return async (context, next) => {
    const { raw } = context.req;
    const contentType = raw.headers.get('content-type') ?? '';
    if (!accepts(contentType)) throw wrongType();
    const bytes = announcedLength(raw.headers) ?? maxBytes;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    const budget = budgetOf(bytes);
    if (places.used + budget.waiting >= places.total) throw busy();
    const giveBack = await budget.reserve(Math.max(bytes, SMALLEST_BODY), raw.signal);
    try {
      const body = await readBody(raw, maxBytes);
      if (places.used >= places.total) throw busy();
      const leave = await places.reserve(1);
      try {
        hand(context.req, body, contentType);
        await next();
      } finally {
        whenSent(outgoingOf(context), leave);
      }
    } finally {
      giveBack();
    }
  };
}

const utf8 = new TextDecoder();

const isJson = (type: string): boolean => /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type);

/** Takes in a JSON body of at most `maxBytes`. */
export const receiveJson = ({ jsonBytes, ...reception }: Reception, maxBytes: number): MiddlewareHandler =>
  receive(reception, {
    maxBytes,
    budgetOf: () => jsonBytes,
    accepts: isJson,
    hand: ({ bodyCache }, body) => {
      Object.assign(bodyCache, { text: Promise.resolve(utf8.decode(body)) });
    },
  });

/**
 * Takes in a JSON body that may have images in it (`src/server/items/`). Large ones are counted with the forms, so that
 * texts do not wait for images.
 */
export const receiveItems = ({ jsonBytes, formBytes, ...reception }: Reception): MiddlewareHandler =>
  receive(reception, {
    maxBytes: IMAGES_BODY_BYTES,
    budgetOf: (bytes) => (bytes <= JSON_BODY_BYTES ? jsonBytes : formBytes),
    accepts: isJson,
    hand: (request, body) => {
      const value = parseJson(body);
      Object.assign(request, { json: () => Promise.resolve(value) });
    },
  });

/** Takes in a `multipart/form-data` body of at most `maxBytes`. */
export const receiveForm = ({ formBytes, ...reception }: Reception, maxBytes: number): MiddlewareHandler =>
  receive(reception, {
    maxBytes,
    budgetOf: () => formBytes,
    accepts: (type) => /^multipart\/form-data\s*(;|$)/i.test(type),
    hand: ({ bodyCache }, body, type) => {
      Object.assign(bodyCache, { formData: Promise.resolve(parseMultipart(body, type)) });
    },
  });
