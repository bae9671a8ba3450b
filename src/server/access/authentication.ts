import type { Context, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { RequestError } from '../requests/errors.ts';
import type { Access } from './access.ts';
import { type AttemptCounter, createAttemptCounter, PAUSE_MS } from './attempts.ts';
import { clientAddress } from './connection.ts';
import { cookieOf, giveCookie, hasMade, takeCookie } from './cookie.ts';
import { isOwner } from './owner.ts';
import { isAmong } from './secrets.ts';

/** Tells who may ask from who may not. */
export interface Authentication {
  /** @throws HTTPException 401 without a right key, 429 where too many wrong ones came from the same address */
  demand(context: Context): void;
  /** Whether the one who asks may; without an error where not. */
  holds(context: Context): boolean;
  /**
   * Makes a browser known by a key, or its owner's token.
   * @throws HTTPException as `demand`
   */
  login(context: Context, key: string | undefined): void;
  /** Makes the browser forget it. */
  logout(context: Context): void;
}

const CHALLENGE = 'Bearer realm="siglip2"';

function refuse(context: Context, wasWrong: boolean): HTTPException {
  context.header('www-authenticate', wasWrong ? `${CHALLENGE}, error="invalid_token"` : CHALLENGE);
  const message = wasWrong
    ? 'the key is none of this server’s; ask whoever runs it'
    : 'this server needs a key: send it as Authorization: Bearer KEY, or as x-api-key: KEY';
  return new RequestError(401, message, { code: 'invalid_api_key' });
}

const tooMany = () =>
  new RequestError(429, 'too many wrong keys came from your address; wait a minute', {
    retrySeconds: PAUSE_MS / 1000,
  });

/** The key in the head of a request. */
function keyOf({ req }: Context): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(req.header('authorization') ?? '')?.[1];
  return bearer ?? req.header('x-api-key');
}

export function createAuthentication(
  access: Access,
  attempts: AttemptCounter = createAttemptCounter(),
): Authentication {
  const { keys, ownerToken, trustedProxies } = access;
  const secrets = ownerToken === undefined ? keys : [...keys, ownerToken];

  /** @throws HTTPException 429 where no key of this address is looked at for a while */
  function tried(context: Context, isRight: () => boolean): boolean {
    const address = clientAddress(context, trustedProxies);
    if (!attempts.mayTry(address)) throw tooMany();
    const right = isRight();
    attempts.note(address, right);
    return right;
  }

  /** Undefined where there is nothing that could be right or wrong. */
  function verify(context: Context): boolean | undefined {
    if (keys.length === 0 || isOwner(context, access)) return true;
    const key = keyOf(context);
    if (key !== undefined) return tried(context, () => isAmong(key, keys));
    const cookie = cookieOf(context);
    if (cookie === undefined) return undefined;
    const right = tried(context, () => hasMade(cookie, secrets));
    // Of a key that is no more: it would count as one more wrong key each time.
    if (!right) takeCookie(context);
    return right;
  }

  return {
    demand(context) {
      const right = verify(context);
      if (!right) throw refuse(context, right === false);
    },
    holds(context) {
      try {
        return verify(context) === true;
      } catch (error) {
        if (error instanceof HTTPException) return false;
        throw error;
      }
    },
    login(context, key) {
      if (keys.length === 0) return;
      if (key === undefined) {
        if (ownerToken === undefined || !isOwner(context, access)) throw refuse(context, false);
        return giveCookie(context, ownerToken);
      }
      if (!tried(context, () => isAmong(key, keys))) throw refuse(context, true);
      giveCookie(context, key);
    },
    logout: takeCookie,
  };
}

/** Lets only those on who may ask, except to what is open to all. */
export function requireKey(
  authentication: Authentication,
  isOpen: (method: string, path: string) => boolean,
): MiddlewareHandler {
  return async (context, next) => {
    if (!isOpen(context.req.method, context.req.path)) authentication.demand(context);
    return next();
  };
}
