import type { InferResponseType } from 'hono/client';
import type { Job } from '../../src/server/jobs/job.ts';
import { client } from '../shared/client.ts';

export type CatalogueModel = InferResponseType<typeof client.v1.catalogue.$get>['models'][number];

/** Models that can be served. */
export async function catalogue(signal: AbortSignal): Promise<CatalogueModel[]> {
  return (await (await client.v1.catalogue.$get({}, { init: { signal } })).json()).models;
}

/** Begins to load a model in place of the one that is served. */
export async function startModel(model: string): Promise<Job> {
  return (await client.v1.jobs.model.$post({ json: { model } })).json();
}
