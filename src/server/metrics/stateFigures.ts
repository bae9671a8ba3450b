import { Gauge, type Registry } from 'prom-client';
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

const JOB_STATES = ['waiting', 'running', 'done', 'stopped', 'failed'] as const;

/** Figures of what a server is doing, in a registry. @param measured what it works with now */
export function stateFigures(registry: Registry, measured: () => Measured | undefined): void {
  const registers = [registry];
  new Gauge({
    name: 'siglip2_queue_items',
    help: 'Texts and images that wait for the engine.',
    registers,
    collect() {
      this.set(measured()?.queued() ?? 0);
    },
  });
  new Gauge({
    name: 'siglip2_requests_held',
    help: 'Requests that were taken in and whose answer is not yet sent; beyond 64 the answer is 429.',
    registers,
    collect() {
      this.set(measured()?.placesUsed() ?? 0);
    },
  });
  new Gauge({
    name: 'siglip2_jobs',
    help: 'Jobs that the page began, by state.',
    labelNames: ['state'] as const,
    registers,
    collect() {
      const jobs = measured()?.jobs() ?? [];
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
      const { name, kind, width } = measured()?.model ?? {};
      if (name !== undefined && kind !== undefined && width !== undefined) this.set({ name, kind, width }, 1);
    },
  });
}
