import type { Store } from './store.ts';

/** Names that can be a folder, a schema of a database and a word in a command. */
export const COLLECTION_NAME = /^[\w-][\w.-]{0,63}$/;

/**
 * A name that can be a folder, a schema of a database and a word in a command.
 * @throws RangeError for any other
 */
export function checkCollectionName(name: string): void {
  if (COLLECTION_NAME.test(name)) return;
  throw new RangeError(
    `a collection cannot be called ${JSON.stringify(name)}; use letters, digits, '-', '_' and '.', at most 64, the first not '.'`,
  );
}

/** What to say where a location has no such collection. */
export async function noCollection(store: Store, location: string, name: string): Promise<Error> {
  const names = await store.list(location);
  const there = names.length > 0 ? `; there are ${names.join(', ')}` : '; there are none';
  return new Error(
    `there is no collection '${name}' in ${location}${there}; make it with siglip2 index DIR… --name ${name}`,
  );
}
