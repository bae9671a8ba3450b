import type { Job } from '../../src/server/jobs/job.ts';
import { createJobCard } from '../jobs/jobCard.ts';
import { serverJobs } from '../jobs/jobs.ts';
import { stopJob } from '../jobs/jobsApi.ts';
import { h } from '../shared/element.ts';
import { keyed } from '../shared/keyed.ts';
import { hrefOf } from '../shell/address.ts';

/** The collection that a job of an index fills: what stands in its title before the folder. */
const collectionOf = ({ title }: Job): string | undefined => /^[\w.-]+(?=:| ←| \()/.exec(title)?.[0];

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
        result(job) {
          const collection = collectionOf(job);
          if (job.state !== 'done' && job.state !== 'stopped') return undefined;
          return collection === undefined
            ? undefined
            : { href: hrefOf({ in: collection }), text: 'Search it' };
        },
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
