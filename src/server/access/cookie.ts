import { createHmac } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { isOwnOrigin } from '../requests/guard.ts';
import { isAmong } from './secrets.ts';

/** For how long a browser stays known, in seconds. */
const LIFETIME = 30 * 24 * 3600;

const FORM = /^(\d{1,12})\.([\w-]{43})$/;

/** What only somebody who has the secret can make; it does not tell the secret. */
const sign = (secret: string, expires: number): string =>
  createHmac('sha256', secret).update(`siglip2 cookie until ${expires}`).digest('base64url');

/** Of one's own for each port: servers side by side on one machine share their cookies otherwise. */
function nameOf(context: Context): string {
  const port = /:(\d+)$/.exec(context.req.header('host') ?? '')?.[1];
  return `siglip2-${port ?? 'default'}`;
}

const attributes = { path: '/', httpOnly: true, sameSite: 'Strict' } as const;

/**
 * Makes a browser known, for images too, which send no headers: by a cookie that a secret has made. Browsers keep it to
 * encrypted connections where the page came by one.
 */
export function giveCookie(context: Context, secret: string, now = Date.now()): void {
  const expires = Math.floor(now / 1000) + LIFETIME;
  const secure = context.req.header('origin')?.startsWith('https:') ?? false;
  setCookie(context, nameOf(context), `${expires}.${sign(secret, expires)}`, {
    ...attributes,
    secure,
    maxAge: LIFETIME,
  });
}

export const takeCookie = (context: Context): void => {
  deleteCookie(context, nameOf(context), attributes);
};

/**
 * Whether our own page asks, as the browser says. Other pages of the same site (another port, a sister's name) would have
 * our cookie sent along otherwise.
 */
function isFromOwnPage({ req }: Context): boolean {
  const site = req.header('sec-fetch-site');
  const origin = req.header('origin');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin !== undefined) return isOwnOrigin(origin, req.header('host'));
  return site === 'same-origin' || req.method === 'GET' || req.method === 'HEAD';
}

/** The cookie that our page sends; undefined when there is none, or it has expired, or another page sends it. */
export function cookieOf(context: Context, now = Date.now()): string | undefined {
  const value = getCookie(context, nameOf(context));
  const expires = Number(FORM.exec(value ?? '')?.[1] ?? 0);
  return 1000 * expires > now && isFromOwnPage(context) ? value : undefined;
}

/** Whether one of the secrets has made a cookie. */
export function hasMade(cookie: string, secrets: readonly string[]): boolean {
  const [, expires, signature] = FORM.exec(cookie) ?? [];
  if (signature === undefined) return false;
  return isAmong(
    signature,
    secrets.map((secret) => sign(secret, Number(expires))),
  );
}
