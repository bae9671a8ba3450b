import type { Hono } from 'hono';
import type { ExtractSchema } from 'hono/types';
import type { OwnRoutes } from './routes/registry.ts';

/**
 * What the routes take and answer, as a type alone: hono's client is typed by it and brings no code of the server along.
 * @example
 * import { hc } from 'hono/client';
 * const client = hc<Api>('http://127.0.0.1:7272');
 * const answer = await client.api.search.$post({ json: { text: '고양이' } });
 */
export type Api = Hono<object, ExtractSchema<OwnRoutes>>;
