import type { Address, Changes } from '../../shell/address.ts';
import { type Filter, KINDS, type Near, type Part, type Query } from './query.ts';

/** Under this name the history keeps the files of a query: an address has no place for them. */
export const FILES = 'files';

type Values = Address['values'];

/** A whole number that is not below zero; undefined for anything else, as somebody may have typed the address. */
function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const day = (text: string | null): string | undefined =>
  text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;

/** A place as `48.86,2.35,5`: latitude, longitude, and kilometres (10 where they are not said). */
export function nearOf(text: string | null): Near | undefined {
  const [latitude = Number.NaN, longitude = Number.NaN, kilometres = 10] = (text ?? '')
    .split(',')
    .map(Number);
  const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && kilometres > 0;
  return isPlace ? { latitude, longitude, kilometres } : undefined;
}

const nearText = ({ latitude, longitude, kilometres }: Near): string =>
  [latitude, longitude, kilometres].join(',');

/** Without what is undefined. */
const defined = <T extends object>(given: T): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;

function filterOf(values: Values): Filter {
  const kinds = KINDS.filter((kind) => values.getAll('kind').includes(kind));
  return defined({
    from: day(values.get('from')),
    to: day(values.get('to')),
    folder: values.get('folder') || undefined,
    minSide: wholeNumber(values.get('min')),
    maxSide: wholeNumber(values.get('max')),
    kinds: kinds.length > 0 && kinds.length < KINDS.length ? kinds : undefined,
    near: nearOf(values.get('near')),
  });
}

/** Files as the history keeps them: keys, those that are not wanted behind a `!`. */
function filesOf(kept: string | undefined): Part[] {
  return (kept ?? '').split(',').flatMap((entry): Part[] => {
    const key = entry.replace(/^!/, '');
    return key === '' ? [] : [{ kind: 'file', key, isNot: entry.startsWith('!') }];
  });
}

function partsOf(values: Values): Part[] {
  const texts = (name: string, isNot: boolean) =>
    values
      .getAll(name)
      .flatMap((text): Part[] => (text.trim() ? [{ kind: 'text', text: text.trim(), isNot }] : []));
  const likes = (name: string, isNot: boolean) =>
    values.getAll(name).flatMap((text): Part[] => {
      const id = wholeNumber(text);
      return id === undefined ? [] : [{ kind: 'like', id, isNot }];
    });
  return [...texts('also', false), ...likes('like', false), ...texts('not', true), ...likes('unlike', true)];
}

/**
 * What an address asks for.
 * @param files what the history keeps under `FILES`
 */
export function queryOf({ values }: Address, files?: string): Query {
  return {
    collection: values.get('in') || undefined,
    text: (values.get('q') ?? '').trim(),
    parts: [...partsOf(values), ...filesOf(files)],
    filter: filterOf(values),
  };
}

/** The address of a query, as changes of any. */
export function changesOf({ collection, text, parts, filter }: Query): Changes {
  const texts = (isNot: boolean) =>
    parts.flatMap((part) => (part.kind === 'text' && part.isNot === isNot ? [part.text] : []));
  const likes = (isNot: boolean) =>
    parts.flatMap((part) => (part.kind === 'like' && part.isNot === isNot ? [part.id] : []));
  return {
    in: collection,
    q: text,
    also: texts(false),
    like: likes(false),
    not: texts(true),
    unlike: likes(true),
    from: filter.from,
    to: filter.to,
    folder: filter.folder,
    min: filter.minSide,
    max: filter.maxSide,
    kind: filter.kinds ?? [],
    near: filter.near && nearText(filter.near),
    picture: undefined,
  };
}

/** The files of a query, as the history keeps them. */
export const filesText = ({ parts }: Query): string =>
  parts.flatMap((part) => (part.kind === 'file' ? [part.isNot ? `!${part.key}` : part.key] : [])).join(',');
