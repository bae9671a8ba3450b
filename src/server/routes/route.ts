import { OpenAPIHono } from '@hono/zod-openapi';
import { invalidResponse } from '../requests/errors.ts';
import type { Work } from '../service.ts';

/**
 * A part of the HTTP API: an app of its own, which the server's app takes in. Its addresses are whole (`/api/count`).
 * @example
 * const count: Route = {
 *   name: 'count',
 *   app: ({ bundle }) => {
 *     const app = routeApp();
 *     app.get('/api/count', (context) => context.json({ count: bundle?.items.length ?? 0 }));
 *     return app;
 *   },
 * };
 */
export interface Route {
  readonly name: string;
  app(work: Work): OpenAPIHono;
}

/**
 * An app for a route: requests that its schemas refuse are answered as everywhere.
 * @example
 * const app = routeApp();
 * app.get('/api/hello', (context) => context.text('hello'));
 */
export const routeApp = (): OpenAPIHono => new OpenAPIHono({ defaultHook: invalidResponse });
