import type { InferRequestType } from 'hono/client';
import type { Job } from '../../src/server/jobs/job.ts';
import { client } from '../shared/client.ts';
import { patientFetch } from '../shared/patientFetch.ts';

type Asked = InferRequestType<typeof client.v1.jobs.index.$post>['json'];

/** What is asked of an index, with all that the form says. */
export type IndexRequest = Required<Asked> & { readonly frames_every: number | null };

/** Begins to index a folder. Not by the typed client, which leaves the last `/index` of an address out. */
export async function startIndex(request: IndexRequest): Promise<Job> {
  const answer = await patientFetch('/v1/jobs/index', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  const job: unknown = await answer.json();
  if (!isJob(job)) throw new Error('The server answered with no job');
  return job;
}

/** Whether what came from the server is a job. */
export const isJob = (data: unknown): data is Job =>
  typeof data === 'object' && data !== null && 'id' in data && 'state' in data && 'started' in data;

/** Stops a job; what it has done is kept. */
export async function stopJob(id: string): Promise<void> {
  await client.v1.jobs[':id'].stop.$post({ param: { id } });
}

/** Address of the stream of jobs. */
export const JOB_EVENTS = client.v1.jobs.events.$path();
