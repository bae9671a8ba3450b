import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { refusal } from './errors.ts';

/** The host name of a Host header, without port and brackets; undefined when it is malformed. */
export function hostName(host: string): string | undefined {
  if (!/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.test(host)) return undefined;
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
}

/**
 * Whether a request for this host may be answered. A page elsewhere can make its own name resolve to this machine
 * (DNS rebinding), but it cannot do that to `localhost` or to an address.
 */
export function isTrustedHost(host: string | undefined, allowed: readonly string[]): boolean {
  const name = host === undefined ? undefined : hostName(host);
  if (name === undefined) return false;
  return name === 'localhost' || isIP(name) !== 0 || allowed.includes(name);
}

/**
 * A host name as it was told to the server, in the form that `isTrustedHost` compares: small letters, no port.
 * @throws Error when it is no host name: with a scheme, a path or a blank.
 * @example allowedHost('Box.lan:8080') // 'box.lan'
 */
export function allowedHost(given: string): string {
  const name = hostName(given);
  if (name === undefined)
    throw new Error(
      `the allowed host ${JSON.stringify(given)} is no host name: give it without http:// and path, for example box.lan`,
    );
  return name;
}

/** What the one who runs the server can do about a request for a host that it does not know. */
function hostRemedy(host: string): string {
  const name = hostName(host);
  return name === undefined
    ? 'open the address that was printed at the start'
    : `start the server with --allowed-host ${name} to serve it, or open the address that was printed at the start`;
}

/** Whether a request comes from our own page or from no page at all. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

const isAllowedOrigin = (origin: string | undefined, origins: readonly string[]): boolean =>
  origins.includes('*') || (origin !== undefined && origins.includes(origin));

/** What the one who runs the server can do about a request of another page. */
const originRemedy = (origin: string | undefined): string =>
  origin !== undefined && /^https?:/.test(origin) && URL.canParse(origin)
    ? `start the server with --cors ${new URL(origin).origin} to let that one ask`
    : 'it has no address that --cors could name';

/**
 * Refuses requests that another web site makes a browser send here: under a foreign host name (421) or from a
 * foreign page (403).
 * @param allowed further host names to answer to
 * @param origins other pages that may ask, or `*`
 */
export function guard(allowed: readonly string[], origins: readonly string[] = []): MiddlewareHandler {
  return async (context, next) => {
    const { path } = context.req;
    const host = context.req.header('host');
    if (!isTrustedHost(host, allowed)) {
      const error = `the host ${JSON.stringify(host ?? '')} is not served: ${hostRemedy(host ?? '')}`;
      return refusal(path, 421, error);
    }
    const origin = context.req.header('origin');
    if (!isOwnOrigin(origin, host) && !isAllowedOrigin(origin, origins)) {
      return refusal(path, 403, `requests from other web pages are refused; ${originRemedy(origin)}`);
    }
    return next();
  };
}
