import type { InferRequestType } from 'hono/client';
import type { Job } from '../../src/server/jobs/job.ts';
import { client } from '../shared/client.ts';

type Asked = InferRequestType<typeof client.v1.jobs.index.$post>['json'];

/** What is asked of an index, with all that the form says. */
export type IndexRequest = Required<Asked> & { readonly frames_every: number | null };

/** Begins to index a folder. */
export async function startIndex(json: IndexRequest): Promise<Job> {
  return (await client.v1.jobs.index.$post({ json })).json();
}

/** Stops a job; what it has done is kept. */
export async function stopJob(id: string): Promise<void> {
  await client.v1.jobs[':id'].stop.$post({ param: { id } });
}

/** Address of the stream of jobs. */
export const JOB_EVENTS = client.v1.jobs.events.$path();
