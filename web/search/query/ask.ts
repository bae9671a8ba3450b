import type { Hit, Picture } from '../../shared/collections.ts';
import { patientFetch } from '../../shared/patientFetch.ts';
import { givenFile } from './givenFiles.ts';
import type { Filter, Part, Query } from './query.ts';

const DAY = 24 * 60 * 60 * 1000;

/** The day after one that is written 2024-05-03. */
const dayAfter = (day: string): string => new Date(Date.parse(day) + DAY).toISOString().slice(0, 10);

/** A filter as the server takes it. */
export const filterFields = ({ from, to, folder, minSide, maxSide, kinds, near }: Filter) => ({
  from,
  before: to === undefined ? undefined : dayAfter(to),
  folder,
  min_side: minSide,
  max_side: maxSide,
  kinds: kinds === undefined ? undefined : [...kinds],
  near,
});

async function filesOf(parts: readonly Part[]): Promise<{ image: string }[]> {
  const files = parts.flatMap((part) => (part.kind === 'file' ? (givenFile(part.key) ?? []) : []));
  return Promise.all(files.map(async ({ dataUri }) => ({ image: await dataUri })));
}

const partsOf = async (parts: readonly Part[]) => ({
  texts: parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])),
  like: parts.flatMap((part) => (part.kind === 'like' ? [part.id] : [])),
  images: await filesOf(parts),
});

export interface Found {
  readonly hits: readonly Hit[];
  readonly fits: boolean;
  /** Pictures that were looked at. */
  readonly total: number;
  /** Texts of which the model did not read the end. */
  readonly cutTexts: readonly string[];
}

/** The nearest pictures, whether they fit or not. */
export async function search(
  collection: string,
  query: Query,
  limit: number,
  signal: AbortSignal,
): Promise<Found> {
  const wanted = await partsOf(query.parts.filter(({ isNot }) => !isNot));
  const not = await partsOf(query.parts.filter(({ isNot }) => isNot));
  const body = {
    collection,
    ...wanted,
    texts: [...(query.text === '' ? [] : [query.text]), ...wanted.texts],
    not,
    filter: filterFields(query.filter),
    limit,
    all: true,
  };
  const answer = await patientFetch('/v1/search', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
  const { hits, fits, total, cut_texts: cutTexts } = await answer.json();
  return { hits, fits, total, cutTexts };
}

/** Ids of all pictures that a filter lets through, the newest first. */
export async function idsOf(collection: string, filter: Filter, signal: AbortSignal): Promise<number[]> {
  const values = new URLSearchParams({ sort: 'taken' });
  const { near, kinds, ...rest } = filterFields(filter);
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) values.set(name, String(value));
  for (const kind of kinds ?? []) values.append('kinds', kind);
  if (near) values.set('near', [near.latitude, near.longitude, near.kilometres].join(','));
  const answer = await patientFetch(`/v1/collections/${encodeURIComponent(collection)}/ids?${values}`, {
    signal,
  });
  return (await answer.json()).ids;
}

/** What is known of some pictures, at most 500. Those that are gone are missing. */
export async function picturesOf(
  collection: string,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<Picture[]> {
  const answer = await patientFetch(`/v1/collections/${encodeURIComponent(collection)}/pictures`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ids }),
    signal,
  });
  return (await answer.json()).pictures;
}
