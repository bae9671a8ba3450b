import { OpenAPIHono } from '@hono/zod-openapi';
import { secureHeaders } from 'hono/secure-headers';
import { OPEN } from './access/access.ts';
import { createAuthentication, requireKey } from './access/authentication.ts';
import { openTo } from './access/openPaths.ts';
import { allowOrigins } from './access/otherPages.ts';
import { askingAs } from './batching/asking.ts';
import { createImageReader } from './decode/imageReader.ts';
import { createEventStreams } from './events/eventStreams.ts';
import { addMetrics } from './metrics/addMetrics.ts';
import { addPage } from './page/page.ts';
import { errorResponse, invalidResponse, refusal } from './requests/errors.ts';
import { guard } from './requests/guard.ts';
import { createReception } from './requests/receive.ts';
import { routes } from './routes/registry.ts';
import { createRuns } from './runs/runs.ts';
import type { Service } from './service.ts';

/** The page may load what we serve and nothing else. */
const SECURITY = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    imgSrc: ["'self'", 'blob:', 'data:'],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  // For https only.
  strictTransportSecurity: false,
  referrerPolicy: 'no-referrer',
});

/**
 * The HTTP API and the page as a handler of requests, without a port.
 * @example
 * const encoder = await load();
 * const app = createApp({ encoder, model: describeModel('emoji', encoder) });
 * const response = await app.request('/api/model');
 * console.log(await response.json());
 */
export function createApp(service: Service): OpenAPIHono {
  const { allowedHosts = [], access = OPEN, page, log = console.error } = service;
  const app = new OpenAPIHono({ defaultHook: invalidResponse });
  if (service.metrics) app.use(service.metrics.measure);
  app.use((context, next) => askingAs({ signal: context.req.raw.signal }, next));
  app.use(SECURITY);
  app.use(guard(allowedHosts, access.origins));
  if (access.origins.length > 0) app.use(allowOrigins(access.origins));
  app.onError((error, context) => errorResponse(error, context, log));
  app.notFound((context) => {
    const { method, path } = context.req;
    const message = `there is no ${method} ${path}; /openapi.json lists what there is`;
    return refusal(path, 404, message, { code: 'unknown_url' });
  });
  const work = {
    ...service,
    reception: service.reception ?? createReception(),
    images: service.images ?? createImageReader(service.encoder),
    runReader: service.runReader ?? createRuns(service.runs),
    events: service.events ?? createEventStreams(),
    authentication: service.authentication ?? createAuthentication(access),
  };
  app.use(requireKey(work.authentication, openTo(page)));
  if (service.metrics) addMetrics(app, service.metrics, work);
  for (const route of routes.all()) app.route('/', route.app(work));
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'siglip2', version: '1', description: 'Multilingual image–text embeddings.' },
  });
  if (page !== undefined) addPage(app, page);
  return app;
}
