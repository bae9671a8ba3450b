import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';

/** Seconds for which a browser remembers that it may ask. */
const REMEMBER = 7200;

/**
 * Tells browsers that pages of these origins may ask and read the answers. They send a key, since cookies are not sent
 * along: the header that would allow that is never given. Pages of other origins have been refused before (`guard`).
 */
export const allowOrigins = (origins: readonly string[]): MiddlewareHandler =>
  cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
    exposeHeaders: ['Retry-After', 'WWW-Authenticate'],
    maxAge: REMEMBER,
  });
