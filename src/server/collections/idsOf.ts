import type { Collection } from '../../search/collection/collection.ts';
import type { PictureFilter } from '../../search/collection/filter.ts';
import type { Picture } from '../../search/collection/picture.ts';
import { untilChanged } from '../../search/collection/untilChanged.ts';
import { throwIfGone } from '../requests/budget.ts';

/** Ids in one answer. */
const MOST = 1_000_000;
/** Pictures that are read at once, so that others are answered in between. */
const PIECE = 2000;

export interface IdsOptions {
  readonly filter: PictureFilter | undefined;
  readonly sort: 'added' | 'taken';
  readonly signal: AbortSignal | undefined;
}

export interface Ids {
  readonly ids: number[];
  readonly version: number;
  readonly cut: boolean;
}

async function* all(
  { list }: Pick<Collection, 'list'>,
  { filter, signal }: IdsOptions,
): AsyncGenerator<Picture[]> {
  for (let after = 0; ; ) {
    throwIfGone(signal);
    const some = await list({ filter, after, limit: PIECE });
    if (some.length > 0) yield some;
    if (some.length < PIECE) return;
    after = some.at(-1)!.id;
    // SQLite answers without a pause.
    await new Promise((go) => setImmediate(go));
  }
}

/** A page asks for all pictures each time that it is opened. */
const known = untilChanged<IdsOptions['sort'], Ids>();

/** The ids of a collection's pictures, newest first. */
export function idsOf(collection: Collection, options: IdsOptions): Promise<Ids> {
  if (options.filter) return readIds(collection, options);
  // Others may wait for them too: it is not given up with the client that asked first.
  return known(collection, options.sort, () => readIds(collection, { ...options, signal: undefined }));
}

async function readIds(collection: Collection, options: IdsOptions): Promise<Ids> {
  const version = await collection.version();
  const ids: number[] = [];
  const times: number[] = [];
  const list = collection.list.bind(collection);
  for await (const some of all({ list }, options))
    for (const { id, taken, modified } of some) {
      ids.push(id);
      times.push(taken ?? modified);
    }
  const places = [...ids.keys()];
  // Ids grow as pictures come.
  if (options.sort === 'added') places.reverse();
  else places.sort((a, b) => times[b]! - times[a]! || ids[b]! - ids[a]!);
  const sorted = places.slice(0, MOST).map((place) => ids[place]!);
  return { ids: sorted, version, cut: ids.length > MOST };
}
