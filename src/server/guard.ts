import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';

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

/** Whether a request comes from our own page or from no page at all. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

/**
 * Refuses requests that another web site makes a browser send here: under a foreign host name (421) or from a
 * foreign page (403).
 * @param allowed further host names to answer to
 */
export function guard(allowed: readonly string[]): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host');
    if (!isTrustedHost(host, allowed)) {
      const error = `the host ${JSON.stringify(host ?? '')} is not served; open the address that was printed at the start`;
      return context.json({ error }, 421);
    }
    if (!isOwnOrigin(context.req.header('origin'), host)) {
      return context.json({ error: 'requests from other web pages are refused' }, 403);
    }
    return next();
  };
}
