import { hc, type InferResponseType, type PickResponseByStatusCode } from 'hono/client';
import type { Api } from '../src/server/api.ts';

/** How often a request is sent again when the server is busy, starting or stopping. */
const RETRIES = 5;

const send: typeof fetch = async (address, init) => {
  try {
    return await fetch(address, init);
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    throw new Error('The server does not answer. Is it still running?', { cause: error });
  }
};

/** Waits as long as the server asks for before a request is sent again. */
async function untilRetry(response: Response): Promise<void> {
  const seconds = Number(response.headers.get('retry-after') ?? 1);
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}

/** What is wrong, in the server's words. */
async function errorOf(response: Response): Promise<Error> {
  const body: unknown = await response.json().catch(() => undefined);
  const field = (value: unknown, name: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  // Under /v1 the sentence is a field of the error.
  const error = field(body, 'error');
  const told = field(error, 'message') ?? error;
  return new Error(typeof told === 'string' ? told : `The server answered ${response.status}.`);
}

/** A request that waits for a busy server. @throws Error in the server's words for any answer but a success */
const patientFetch: typeof fetch = async (address, init) => {
  let response = await send(address, init);
  for (let retry = 0; retry < RETRIES && [429, 503].includes(response.status); retry++) {
    await untilRetry(response);
    init?.signal?.throwIfAborted();
    response = await send(address, init);
  }
  if (!response.ok) throw await errorOf(response);
  return response;
};

/** The server's routes; what is no success throws. */
const client = hc<PickResponseByStatusCode<Api, 200>>('/', { fetch: patientFetch });

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
