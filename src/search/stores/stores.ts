import { check, flag, optional, settings, text } from '../../tensor/settings.ts';
import { createRegistry } from '../../tensor/support/registry.ts';
import type { Collection } from '../collection/collection.ts';
import { memoryStore } from './memory/memoryStore.ts';
import { postgresStore } from './postgres/postgresStore.ts';
import { sqliteStore } from './sqlite/sqliteStore.ts';
import type { OpenCollectionOptions, Store } from './store.ts';

/** All ways to keep collections. The one that was registered last is asked first whether it accepts a location. */
const stores = createRegistry<Store>('store', [memoryStore, sqliteStore, postgresStore]);

/**
 * Adds a way to keep collections.
 * @returns the store
 * @throws RangeError when another one has its name
 * @example
 * // The collections of memory, by another name.
 * registerStore({
 *   name: 'scratch',
 *   accepts: (location) => location.startsWith('scratch:'),
 *   open: (location, options) => openCollection(`memory:${location}`, options),
 *   list: async () => [],
 *   remove: async () => {},
 * });
 */
export function registerStore(store: Store): Store {
  stores.register(store);
  return store;
}

/**
 * The store that keeps collections at a location: to list them, or to remove one.
 * @param location a folder, an address such as `postgres://…`, or `memory:`
 * @throws RangeError when no store keeps such a location
 * @example
 * const names = await storeOf('collections').list('collections');
 * if (names.includes('old')) await storeOf('collections').remove('collections', 'old');
 */
export function storeOf(location: string): Store {
  const store = stores.all().findLast((one) => one.accepts(location));
  if (store) return store;
  const names = stores.all().map(({ name }) => name);
  // The address of another database may have a password in it.
  const shown = location.replace(/\/\/.*@/s, '//').replace(/(:\/\/[^?]*)\?.*/s, '$1');
  throw new RangeError(`no store keeps ${JSON.stringify(shown)}; there are ${names.join(', ')}`);
}

/**
 * Opens a collection.
 * @param location a folder, an address such as `postgres://…`, or `memory:` for what ends with the process
 * @throws Error saying what to do where the location cannot be reached, or has no such collection
 * @example
 * const photos = await openCollection('collections', { name: 'photos' });
 * console.log(await photos.count({ kinds: ['image'] }));
 * await photos.close();
 */
export async function openCollection(location: string, options: OpenCollectionOptions): Promise<Collection> {
  check('openCollection', openRule, options);
  return storeOf(location).open(location, options);
}

const openRule = settings<OpenCollectionOptions>({ name: text, create: optional(flag) });
