import { hc, type InferResponseType, type PickResponseByStatusCode } from 'hono/client';
import type { Api } from '../../src/server/api.ts';
import { patientFetch } from './patientFetch.ts';

/** The server's routes; what is no success throws. */
export const client = hc<PickResponseByStatusCode<Api, 200 | 202>>('/', { fetch: patientFetch });

export type Model = InferResponseType<typeof client.api.model.$get>;
export type CollectionInfo = NonNullable<Model['gallery']>;
export type Hit = InferResponseType<typeof client.api.search.$post>['hits'][number];
export type Score = InferResponseType<typeof client.api.classify.$post>['scores'][number];

export async function getModel(): Promise<Model> {
  return (await client.api.model.$get()).json();
}

/** The pictures that match a text best, at most `limit`. */
export async function search(text: string, limit: number, signal: AbortSignal): Promise<Hit[]> {
  const answer = await client.api.search.$post({ json: { text, limit } }, { init: { signal } });
  return (await answer.json()).hits;
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

/** The address of a collection's picture. */
export const pictureUrl = (index: number): string =>
  client.gallery[':file'].$path({ param: { file: `${index}.webp` } });

/** One picture of the collection as a file. */
export async function pictureFile(index: number): Promise<Blob> {
  return (await patientFetch(pictureUrl(index))).blob();
}
