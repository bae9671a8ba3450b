import type { InferResponseType } from 'hono/client';
import { client } from './client.ts';

const { collections } = client.v1;
const one = collections[':name'];

type Answer = InferResponseType<typeof collections.$get>;
export type CollectionInfo = Answer['collections'][number];
export type Picture = InferResponseType<typeof one.pictures.$post>['pictures'][number];
export type Hit = InferResponseType<typeof client.v1.search.$post>['hits'][number];

const changed = new EventTarget();
let asked: Promise<Answer> | undefined;

function answer(): Promise<Answer> {
  asked ??= collections
    .$get()
    .then((response) => response.json())
    .catch((error: unknown) => {
      asked = undefined;
      throw error;
    });
  return asked;
}

/** All collections that can be searched, the fixed ones first. They are asked for once. */
export const servedCollections = async (): Promise<CollectionInfo[]> => (await answer()).collections;

/** Why other collections are missing; null where all can be reached. */
export const missingCollections = async (): Promise<string | null> => (await answer()).note;

/** Pictures were added or removed, or another model is served: whoever shows collections asks anew. */
export function collectionsHaveChanged(): void {
  asked = undefined;
  changed.dispatchEvent(new Event('change'));
}

/** Calls when collections have changed, until the signal. */
export function watchCollections(listener: () => void, signal: AbortSignal): void {
  changed.addEventListener('change', listener, { signal });
}

const NAME = 'siglip2-collection';

/** The collection that was shown last, in any tab. */
export const lastCollection = (): string | undefined => localStorage.getItem(NAME) ?? undefined;

export const rememberCollection = (name: string): void => localStorage.setItem(NAME, name);

/** A collection's name in an address: the client puts it there as it is. */
export const paramOf = (name: string) => ({ name: encodeURIComponent(name) });

/** What is known of some pictures, at most 500. Those that are gone are missing. */
export async function picturesOf(
  name: string,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Picture[]> {
  const given = { param: paramOf(name), json: { ids: [...ids] } };
  const answer = await one.pictures.$post(given, { init: { signal } });
  return (await answer.json()).pictures;
}

/** Where a picture's thumbnail is. @param side pixels of its longer side, 64 … 640 */
export const thumbnailAddress = (name: string, id: number, side: number): string =>
  `${one.pictures[':id'].thumbnail.$path({ param: { ...paramOf(name), id: String(id) } })}?side=${side}`;
