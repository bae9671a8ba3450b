import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { SECONDS } from './buckets.ts';

/** Why a request was refused, by the status of its answer. */
const REASONS: Readonly<Record<number, string>> = {
  401: 'key',
  403: 'forbidden',
  408: 'slow',
  413: 'too_large',
  415: 'content_type',
  421: 'host',
  429: 'busy',
};

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * The pattern of the route that a request asked for, as there are ever so many paths: `/*` for files of the page, and `*` for
 * what there is not.
 */
function routeOf(context: Context): string {
  const own = matchedRoutes(context).findLast(({ path }) => !path.includes('*'));
  return own?.path ?? (context.res.status === 404 ? '*' : '/*');
}

/** Figures of requests. */
export interface RequestFigures {
  /** Measures requests; stands before all that answers them. */
  readonly measure: MiddlewareHandler;
  /** Counts a request that did not get so far. */
  readonly refused: (reason: 'starting' | 'stopping') => void;
}

/** Figures of requests, in a registry. */
export function requestFigures(registry: Registry): RequestFigures {
  const registers = [registry];
  const requests = new Histogram({
    name: 'siglip2_http_request_duration_seconds',
    help: 'From the arrival of a request to the beginning of its answer, by route (its pattern) and status.',
    labelNames: ['method', 'route', 'status'] as const,
    ...{ buckets: SECONDS, registers },
  });
  const inFlight = new Gauge({
    name: 'siglip2_http_requests_in_flight',
    help: 'Requests without an answer.',
    registers,
  });
  const refusals = new Counter({
    name: 'siglip2_http_requests_refused_total',
    help: 'Requests that were refused whatever they asked for, by reason.',
    labelNames: ['reason'] as const,
    registers,
  });
  for (const reason of ['starting', 'stopping', ...Object.values(REASONS)]) refusals.inc({ reason }, 0);

  return {
    async measure(context, next) {
      const began = performance.now();
      inFlight.inc();
      try {
        await next();
      } finally {
        inFlight.dec();
        const { status } = context.res;
        const method = METHODS.has(context.req.method) ? context.req.method : 'other';
        requests.observe({ method, route: routeOf(context), status }, (performance.now() - began) / 1000);
        const reason = REASONS[status];
        if (reason !== undefined) refusals.inc({ reason });
      }
    },
    refused: (reason) => refusals.inc({ reason }),
  };
}
