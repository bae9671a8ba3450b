import { Counter, Histogram, type Registry } from 'prom-client';
import type { BatchFacts } from '../batching/lane.ts';
import { SECONDS } from './buckets.ts';

const COUNTS = [1, 2, 4, 8, 16, 32, 64];
const TOKENS = [64, 128, 256, 512, 1024, 2048, 4096];
const labelNames = ['kind'] as const;

/** Figures of the engine's runs, in a registry. @returns what is told of each */
export function batchFigures(registry: Registry): (facts: BatchFacts) => void {
  const registers = [registry];
  const items = new Histogram({
    name: 'siglip2_batch_items',
    help: 'Texts or images in one run of the engine; their sum is how many were computed.',
    ...{ labelNames, buckets: COUNTS, registers },
  });
  const tokens = new Histogram({
    name: 'siglip2_batch_tokens',
    help: 'Pieces of texts or patches of images in one run of the engine.',
    ...{ labelNames, buckets: TOKENS, registers },
  });
  const seconds = new Histogram({
    name: 'siglip2_batch_duration_seconds',
    help: 'Time of one run of the engine.',
    ...{ labelNames, buckets: SECONDS, registers },
  });
  const failures = new Counter({
    name: 'siglip2_batch_failures_total',
    help: 'Runs of the engine that failed; their items were tried again in smaller runs.',
    ...{ labelNames, registers },
  });
  return ({ kind, items: count, tokens: sum, seconds: time, failed }) => {
    if (failed) {
      failures.inc({ kind });
      return;
    }
    items.observe({ kind }, count);
    tokens.observe({ kind }, sum);
    seconds.observe({ kind }, time);
  };
}
