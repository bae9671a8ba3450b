import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { BatchFacts } from '../batching/lane.ts';
import type { Job } from '../jobs/job.ts';
import type { ModelInfo } from '../modelInfo.ts';

/** What is asked when somebody looks. */
export interface Measured {
  readonly model: Pick<ModelInfo, 'name' | 'kind' | 'width'>;
  /** Texts and images that wait for the engine. */
  readonly queued: () => number;
  /** Requests whose body is here and whose answer is not yet sent. */
  readonly placesUsed: () => number;
  readonly jobs: () => readonly Pick<Job, 'state'>[];
}

/** Figures of one server for Prometheus; they go on when its model is changed. */
export interface Metrics {
  /** Told of each run of the engine. */
  readonly onBatch: (facts: BatchFacts) => void;
  /** Measures requests; stands before all that answers them. */
  readonly measure: MiddlewareHandler;
  /** Looks at these from now on. */
  watch(measured: Measured): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Seconds: from a text by a small model to a queue of large images. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const COUNTS = [1, 2, 4, 8, 16, 32, 64];
const TOKENS = [64, 128, 256, 512, 1024, 2048, 4096];
const JOB_STATES = ['waiting', 'running', 'done', 'stopped', 'failed'] as const;

/** The figures of a server, none of them global: two servers in one process have their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  let measured: Measured | undefined;
  collectDefaultMetrics({ register: registry });

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
  const items = new Histogram({
    name: 'siglip2_batch_items',
    help: 'Texts or images in one run of the engine.',
    labelNames: ['kind'] as const,
    ...{ buckets: COUNTS, registers },
  });
  const tokens = new Histogram({
    name: 'siglip2_batch_tokens',
    help: 'Pieces of texts or patches of images in one run of the engine.',
    labelNames: ['kind'] as const,
    ...{ buckets: TOKENS, registers },
  });
  const seconds = new Histogram({
    name: 'siglip2_batch_duration_seconds',
    help: 'Time of one run of the engine.',
    labelNames: ['kind'] as const,
    ...{ buckets: SECONDS, registers },
  });
  const failures = new Counter({
    name: 'siglip2_batch_failures_total',
    help: 'Runs of the engine that failed; their items were tried again in smaller runs.',
    labelNames: ['kind'] as const,
    registers,
  });
  new Gauge({
    name: 'siglip2_queue_items',
    help: 'Texts and images that wait for the engine.',
    registers,
    collect() {
      this.set(measured?.queued() ?? 0);
    },
  });
  new Gauge({
    name: 'siglip2_requests_held',
    help: 'Requests that were taken in and whose answer is not yet sent; beyond 64 the answer is 429.',
    registers,
    collect() {
      this.set(measured?.placesUsed() ?? 0);
    },
  });
  new Gauge({
    name: 'siglip2_jobs',
    help: 'Jobs that the page began, by state.',
    labelNames: ['state'] as const,
    registers,
    collect() {
      const jobs = measured?.jobs() ?? [];
      for (const state of JOB_STATES) this.set({ state }, jobs.filter((job) => job.state === state).length);
    },
  });
  new Gauge({
    name: 'siglip2_model_info',
    help: 'The model that is served; always 1.',
    labelNames: ['name', 'kind', 'width'] as const,
    registers,
    collect() {
      this.reset();
      if (!measured) return;
      const { name, kind, width } = measured.model;
      this.set({ name, kind, width }, 1);
    },
  });

  return {
    onBatch({ kind, items: count, tokens: sum, seconds: time, failed }) {
      if (failed) {
        failures.inc({ kind });
        return;
      }
      items.observe({ kind }, count);
      tokens.observe({ kind }, sum);
      seconds.observe({ kind }, time);
    },
    async measure(context, next) {
      const began = performance.now();
      inFlight.inc();
      try {
        await next();
      } finally {
        inFlight.dec();
        const { status } = context.res;
        // The pattern, as there are ever so many paths. What no route knows is `*`.
        const route = status === 404 && routePath(context, -1) === '/*' ? '*' : routePath(context, -1);
        const method = METHODS.has(context.req.method) ? context.req.method : 'other';
        requests.observe({ method, route, status }, (performance.now() - began) / 1000);
      }
    },
    watch(now) {
      measured = now;
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
