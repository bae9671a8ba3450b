import { isLive, type Job } from '../../src/server/jobs/job.ts';
import { byId, h } from '../shared/element.ts';
import { hrefOf } from '../shell/address.ts';
import { serverJobs } from './jobs.ts';
import { share } from './jobText.ts';

/** What a job is at, in a word: its share, where that is known. */
function shortText(job: Job): string {
  const done = share(job);
  return done === undefined || job.state === 'waiting' ? 'Working' : `${Math.floor(100 * done)} %`;
}

/** Shows in the top bar, on every view, that something runs; a link to it. */
export function startIndicator(): void {
  const bar = h('progress', { max: 1, 'aria-hidden': 'true' });
  const text = h('span', {});
  const link = h('a', { class: 'indicator', hidden: true }, bar, text);
  byId('model-badge').before(link);
  serverJobs().watch((jobs) => {
    // The one that runs; else what waits for it.
    const job = jobs.find(({ state }) => state === 'running') ?? jobs.find(isLive);
    link.hidden = job === undefined;
    if (!job) return;
    link.href = hrefOf({ view: job.kind === 'model' ? 'model' : 'folders' });
    link.setAttribute('aria-label', `${job.title}: ${shortText(job)}`);
    link.title = job.title;
    text.textContent = shortText(job);
    const done = share(job);
    if (done === undefined || job.state === 'waiting') bar.removeAttribute('value');
    else bar.value = done;
  });
}
