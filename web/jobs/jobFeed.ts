import type { Job } from '../../src/server/jobs/job.ts';
import { live } from '../shared/live.ts';
import { isJob } from './jobsApi.ts';

/** The jobs of the server, as they are now. */
export interface JobFeed {
  /** The newest first. */
  all(): readonly Job[];
  /** Calls with all jobs, now and after each change, and with the one that changed; until the returned function is called. */
  watch(changed: (jobs: readonly Job[], job: Job | undefined) => void): () => void;
}

/**
 * Follows the server's jobs.
 * @param address of the stream of events
 */
export function createJobFeed(address: string): JobFeed {
  const jobs = new Map<string, Job>();
  const watchers = new Set<(jobs: readonly Job[], job: Job | undefined) => void>();
  const all = () => [...jobs.values()].sort((a, b) => b.started - a.started);
  live(
    address,
    'job',
    (data) => {
      if (!isJob(data)) return;
      jobs.set(data.id, data);
      for (const changed of watchers) changed(all(), data);
    },
    (isConnected) => {
      // All jobs come first: what does not come is of a server that there is no more.
      if (isConnected) jobs.clear();
    },
  );
  return {
    all,
    watch(changed) {
      watchers.add(changed);
      changed(all(), undefined);
      return () => watchers.delete(changed);
    },
  };
}
