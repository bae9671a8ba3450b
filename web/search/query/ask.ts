import { client } from '../../shared/client.ts';
import { type CollectionInfo, type Hit, paramOf } from '../../shared/collections.ts';
import { givenFile } from './givenFiles.ts';
import type { Filter, Part, Query } from './query.ts';

const collections = client.v1.collections[':name'];

const DAY = 24 * 60 * 60 * 1000;

/** The day after one that is written 2024-05-03. */
const dayAfter = (day: string): string => new Date(Date.parse(day) + DAY).toISOString().slice(0, 10);

/** A filter as the server takes it. */
const filterFields = ({ from, to, folder, minSide, maxSide, kinds, near }: Filter) => ({
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
  return Promise.all(files.map(async (file) => ({ image: await file.dataUri() })));
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
  const json = {
    collection,
    ...wanted,
    texts: [...(query.text === '' ? [] : [query.text]), ...wanted.texts],
    not,
    filter: filterFields(query.filter),
    limit,
    all: true,
  };
  const answer = await client.v1.search.$post({ json }, { init: { signal } });
  const { hits, fits, total, cut_texts: cutTexts } = await answer.json();
  return { hits, fits, total, cutTexts };
}

export interface AllIds {
  readonly ids: readonly number[];
  /** Whether there are more. */
  readonly cut: boolean;
}

/** Ids of all pictures that a filter lets through, the newest first; drawings in their own order. */
export async function idsOf(
  { name, fixed }: CollectionInfo,
  filter: Filter,
  signal: AbortSignal,
): Promise<AllIds> {
  const { near, min_side, max_side, ...rest } = filterFields(filter);
  const query = {
    ...rest,
    min_side: min_side?.toString(),
    max_side: max_side?.toString(),
    near: near && [near.latitude, near.longitude, near.kilometres].join(','),
    sort: fixed ? ('added' as const) : ('taken' as const),
  };
  const answer = await collections.ids.$get({ param: paramOf(name), query }, { init: { signal } });
  const { ids, cut } = await answer.json();
  return { ids: fixed ? ids.toReversed() : ids, cut };
}
