import type { OpenAPIHono } from '@hono/zod-openapi';
import type { BatchedEncoder } from '../batching/batchedEncoder.ts';
import type { Work } from '../service.ts';
import type { Metrics } from './metrics.ts';

const isBatched = (encoder: object): encoder is Pick<BatchedEncoder, 'waiting'> => 'waiting' in encoder;

/** Puts `/metrics` into an app, and has the figures look at what it works with. */
export function addMetrics(
  app: OpenAPIHono,
  metrics: Metrics,
  { model, encoder, reception, jobs }: Work,
): void {
  metrics.watch({
    model,
    queued: () => (isBatched(encoder) ? encoder.waiting() : 0),
    placesUsed: () => reception.places.used,
    jobs: () => jobs?.all() ?? [],
  });
  app.get('/metrics', async (context) =>
    context.body(await metrics.text(), 200, {
      'content-type': metrics.contentType,
      'cache-control': 'no-store',
    }),
  );
}
