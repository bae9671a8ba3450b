import {
  hc,
  type InferRequestType,
  type InferResponseType,
  type PickResponseByStatusCode,
} from 'hono/client';
import type { Api } from '../../src/server/api.ts';
import { patientFetch } from './patientFetch.ts';

/** The server's routes; what is no success throws. */
export const client = hc<PickResponseByStatusCode<Api, 200 | 202>>('/', { fetch: patientFetch });

export type Model = InferResponseType<typeof client.api.model.$get>;
export type Score = InferResponseType<typeof client.api.classify.$post>['scores'][number];

export async function getModel(): Promise<Model> {
  return (await client.api.model.$get()).json();
}

type Prompts = InferRequestType<typeof client.api.classify.$post>['form']['prompts'];

/**
 * How well each label fits an image, best first.
 * @param prompts a named list of sentences; undefined: what the model was trained for
 */
export async function classify(
  image: Blob,
  labels: readonly string[],
  signal: AbortSignal,
  prompts?: Prompts,
): Promise<Score[]> {
  const file = image instanceof File ? image : new File([image], 'picture.png', { type: image.type });
  const form = { image: file, labels, ...(prompts && { prompts }) };
  const answer = await client.api.classify.$post({ form }, { init: { signal } });
  return (await answer.json()).scores;
}
