import { collectDefaultMetrics, Registry } from 'prom-client';
import type { BatchFacts } from '../batching/lane.ts';
import { batchFigures } from './batchFigures.ts';
import { type RequestFigures, requestFigures } from './requestFigures.ts';
import { type Measured, stateFigures } from './stateFigures.ts';

/** Figures of one server for Prometheus; they go on when its model is changed. */
export interface Metrics extends RequestFigures {
  /** Told of each run of the engine. */
  readonly onBatch: (facts: BatchFacts) => void;
  /** Looks at these from now on. */
  watch(measured: Measured): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** The figures of a server, none of them global: two servers in one process have their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  let measured: Measured | undefined;
  collectDefaultMetrics({ register: registry });
  stateFigures(registry, () => measured);
  return {
    onBatch: batchFigures(registry),
    ...requestFigures(registry),
    watch(now) {
      measured = now;
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
