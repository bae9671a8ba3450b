import { randomBytes } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { isOwnOrigin } from '../requests/guard.ts';
import type { Access } from './access.ts';
import { isFromThisMachine, isLoopback } from './connection.ts';
import { createOpening } from './opening.ts';
import { isAmong } from './secrets.ts';

/** The header in which the page sends its token: another web page cannot set it without being asked about first. */
const OWNER_HEADER = 'x-siglip2-token';

/** Where the browser that is started with the server finds its way, with a code behind it. */
export const OPEN_PATH = '/v1/open/';

/** A token for one start of a server. */
export const createOwnerToken = (): string => randomBytes(24).toString('base64url');

/** What the one who starts a server gets. @param address on which the server listens: nothing where others reach it */
export function createOwner(address: string): Pick<Access, 'ownerToken' | 'opening'> {
  if (!isLoopback(address)) return { ownerToken: undefined };
  const ownerToken = createOwnerToken();
  return { ownerToken, opening: createOpening(ownerToken) };
}

/** The address with which a browser is started. @param url of the page */
export const browserAddress = (url: string, { opening }: Pick<Access, 'opening'>): string =>
  opening ? new URL(OPEN_PATH + opening.code, url).href : url;

/**
 * The address of the page with the owner's token: behind `#`, which browsers send to nobody.
 * @example ownerAddress('http://127.0.0.1:7272/', 'abc') // 'http://127.0.0.1:7272/#token=abc'
 */
export const ownerAddress = (url: string, token: string | undefined): string =>
  token === undefined ? url : `${url}#token=${token}`;

/** Why the one who asks is not the owner, and what to do; undefined where it is. */
export function whyNotOwner(context: Context, access: Access | undefined): string | undefined {
  const token = access?.ownerToken;
  if (token === undefined)
    return 'only a server that listens on this machine alone lets the page do this: start it with --host 127.0.0.1, or use the command line';
  if (!isFromThisMachine(context) || !isOwnOrigin(context.req.header('origin'), context.req.header('host')))
    return 'only the machine on which the server runs may do this: open there the address that was printed at the start';
  const given = context.req.header(OWNER_HEADER);
  if (given === undefined)
    return 'this needs the token of this start: open the address that was printed at the start, with all that follows its #';
  if (!isAmong(given, [token]))
    return 'the token is of an earlier start: open the address that was printed at this start';
  return undefined;
}

/** Whether the one who asks started the server. */
export const isOwner = (context: Context, access: Access | undefined): boolean =>
  whyNotOwner(context, access) === undefined;

/** Lets only the one who started the server on, from the same machine; all others get 403 with what to do. */
export function requireOwner(access: Access | undefined): MiddlewareHandler {
  return async (context, next) => {
    const message = whyNotOwner(context, access);
    if (message !== undefined) throw new HTTPException(403, { message });
    return next();
  };
}
