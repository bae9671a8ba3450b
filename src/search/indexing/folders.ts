import { z } from 'zod';
import type { Collection } from '../collection/collection.ts';
import { asPrefix } from './listing/scope.ts';

const KEY = 'folders';

/** A folder that was indexed, and when that ended: milliseconds since 1970. */
export interface IndexedFolder {
  readonly path: string;
  readonly indexed: number;
}

const schema = z.array(z.object({ path: z.string(), indexed: z.number() }));

/**
 * The folders that a collection was made of, in the order of their paths.
 * @example
 * const photos = await openCollection('collections', { name: 'photos' });
 * for (const { path, indexed } of await indexedFolders(photos)) console.log(path, new Date(indexed));
 */
export async function indexedFolders(collection: Collection): Promise<IndexedFolder[]> {
  return schema.catch([]).parse((await collection.note(KEY)) ?? []);
}

/** Notes that folders have just been looked at as a whole. */
export async function noteFolders(
  collection: Collection,
  folders: readonly string[],
  indexed: number,
): Promise<void> {
  // What lies in one of them has been looked at with it.
  const others = (await indexedFolders(collection)).filter(
    ({ path }) => !folders.some((folder) => path === folder || path.startsWith(asPrefix(folder))),
  );
  const all = [...others, ...folders.map((path) => ({ path, indexed }))];
  await collection.setNote(
    KEY,
    all.sort((a, b) => (a.path < b.path ? -1 : 1)),
  );
}
