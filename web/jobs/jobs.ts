import { isLive } from '../../src/server/jobs/job.ts';
import { collectionsHaveChanged } from '../shared/collections.ts';
import { modelHasChanged } from '../shared/servedModel.ts';
import { createJobFeed, type JobFeed } from './jobFeed.ts';
import { JOB_EVENTS } from './jobsApi.ts';

let feed: JobFeed | undefined;

/** Tells the other views what jobs have done: pictures that can be found, another model. */
function tellOthers(jobs: JobFeed): void {
  const live = new Set<string>();
  jobs.watch((_all, job) => {
    if (!job) return;
    if (isLive(job)) live.add(job.id);
    // What had ended before the page was opened is no news.
    else if (live.delete(job.id)) {
      if (job.kind === 'model') modelHasChanged();
      collectionsHaveChanged();
    }
  });
}

/** The server's jobs, by one stream for all parts of the page. */
export function serverJobs(): JobFeed {
  if (!feed) {
    feed = createJobFeed(JOB_EVENTS);
    tellOthers(feed);
  }
  return feed;
}
