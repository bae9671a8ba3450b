import type { Job } from '../../src/server/jobs/job.ts';
import { createJobCard } from '../jobs/jobCard.ts';
import { serverJobs } from '../jobs/jobs.ts';
import { stopJob } from '../jobs/jobsApi.ts';
import { h } from '../shared/element.ts';
import { keyed } from '../shared/keyed.ts';

/** So many past changes of the model are shown. */
const SHOWN = 3;

/** Models that are being loaded, and those that were, for as long as the signal lets them. */
export function modelJobs(mayChange: boolean, signal: AbortSignal): HTMLElement {
  const element = h('ul', { class: 'jobs', 'aria-label': 'Changes of the model', hidden: true });
  const show = keyed<Job>(
    element,
    ({ id }) => id,
    () => createJobCard({ stop: mayChange ? ({ id }) => stopJob(id) : undefined, result: () => undefined }),
  );
  const stop = serverJobs().watch((jobs) => {
    const changes = jobs.filter(({ kind }) => kind === 'model').slice(0, SHOWN);
    element.hidden = changes.length === 0;
    show(changes);
  });
  signal.addEventListener('abort', stop);
  return element;
}
