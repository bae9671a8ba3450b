import { hc, type InferResponseType, type PickResponseByStatusCode } from 'hono/client';
import type { Api } from '../../src/server/api.ts';
import { patientFetch } from './patientFetch.ts';

/** The server's routes; what is no success throws. */
export const client = hc<PickResponseByStatusCode<Api, 200 | 202>>('/', { fetch: patientFetch });

export type Model = InferResponseType<typeof client.api.model.$get>;
export type Score = InferResponseType<typeof client.api.classify.$post>['scores'][number];

export async function getModel(): Promise<Model> {
  return (await client.api.model.$get()).json();
}

/** How well each label fits an image, best first. */
export async function classify(
  image: Blob,
  labels: readonly string[],
  signal: AbortSignal,
): Promise<Score[]> {
  const file = image instanceof File ? image : new File([image], 'picture.png', { type: image.type });
  const answer = await client.api.classify.$post({ form: { image: file, labels } }, { init: { signal } });
  return (await answer.json()).scores;
}
