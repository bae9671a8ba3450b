import type { InferResponseType } from 'hono/client';
import type { Job } from '../../src/server/jobs/job.ts';
import { client } from '../shared/client.ts';

export type CatalogueModel = InferResponseType<typeof client.v1.catalogue.$get>['models'][number];

/** Models that can be served. */
export async function askCatalogue(signal: AbortSignal): Promise<readonly CatalogueModel[]> {
  return (await (await client.v1.catalogue.$get({}, { init: { signal } })).json()).models;
}

/** Begins to load another model. @throws Error in the server's words */
export async function startModel(model: string, maxPatches: number | undefined): Promise<Job> {
  const json = { model, ...(maxPatches !== undefined && { max_patches: maxPatches }) };
  return (await client.v1.jobs.model.$post({ json })).json();
}
