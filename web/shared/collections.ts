import { patientFetch } from './patientFetch.ts';

export interface Picture {
  id: number;
  title: string;
  kind: 'image' | 'frame' | 'page';
  at: number;
  width: number;
  height: number;
  bytes: number;
  modified: number;
  taken: number | null;
  latitude: number | null;
  longitude: number | null;
  path: string | null;
}
export interface Hit extends Picture {
  score: number;
  probability: number;
  fits: boolean;
  more: { id: number; title: string; probability: number }[];
}
export interface CollectionInfo {
  name: string;
  description: string;
  fixed: boolean;
  pictures: number;
  searchable: boolean;
  models: { name: string; pictures: number; served: boolean }[];
  folders: { path: string; indexed: number | null }[];
  note: string | null;
}

const changed = new EventTarget();
let asked: Promise<CollectionInfo[]> | undefined;

/** All collections that can be searched. They are asked for once. */
export function servedCollections(): Promise<CollectionInfo[]> {
  asked ??= patientFetch('/v1/collections')
    .then(async (answer) => (await answer.json()).collections as CollectionInfo[])
    .catch((error: unknown) => {
      asked = undefined;
      throw error;
    });
  return asked;
}

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

/** Where a picture's thumbnail is. @param side pixels of its longer side, 64 … 640 */
export const thumbnailAddress = (collection: string, id: number, side: number): string =>
  `/v1/collections/${encodeURIComponent(collection)}/pictures/${id}/thumbnail?side=${side}`;
