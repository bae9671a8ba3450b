import type { Job } from '../../src/server/jobs/job.ts';
import { createJobCard } from '../jobs/jobCard.ts';
import { serverJobs } from '../jobs/jobs.ts';
import { stopJob } from '../jobs/jobsApi.ts';
import { h } from '../shared/element.ts';
import { keyed } from '../shared/keyed.ts';
import { hrefOf } from '../shell/address.ts';

/** Jobs of indexes, running and past, for as long as the signal lets them. */
export function jobList(mayChange: boolean, signal: AbortSignal): HTMLElement {
  const items = h('ul', { class: 'jobs', 'aria-label': 'Jobs' });
  const element = h(
    'section',
    { class: 'jobs-part', hidden: true, 'aria-labelledby': 'jobs-title' },
    h('h2', { id: 'jobs-title' }, 'Work'),
    items,
  );
  const show = keyed<Job>(
    items,
    ({ id }) => id,
    () =>
      createJobCard({
        stop: mayChange ? ({ id }) => stopJob(id) : undefined,
        result: ({ state, collection }) =>
          collection !== undefined && (state === 'done' || state === 'stopped')
            ? { href: hrefOf({ in: collection }), text: 'Search it' }
            : undefined,
      }),
  );
  const stop = serverJobs().watch((jobs) => {
    const indexes = jobs.filter(({ kind }) => kind === 'index');
    element.hidden = indexes.length === 0;
    show(indexes);
  });
  signal.addEventListener('abort', stop);
  return element;
}
