import { createRegistry } from '../../tensor/support/registry.ts';
import type { Collection } from '../collection/collection.ts';
import { memoryStore } from './memory/memoryStore.ts';
import type { OpenOptions, Store } from './store.ts';

/** All ways to keep collections. The one that was registered last is asked first whether it accepts a location. */
export const stores = createRegistry<Store>('store', [memoryStore]);

/**
 * Adds a way to keep collections.
 * @returns the store
 * @throws RangeError when another one has its name
 */
export function registerStore(store: Store): Store {
  stores.register(store);
  return store;
}

/** @throws RangeError when no store keeps such a location */
export function storeOf(location: string): Store {
  const store = stores.all().findLast((one) => one.accepts(location));
  if (store) return store;
  const names = stores.all().map(({ name }) => name);
  throw new RangeError(`no store keeps ${JSON.stringify(location)}; there are ${names.join(', ')}`);
}

/**
 * Opens a collection.
 * @param location a folder, or an address such as `postgres://…`
 * @throws Error saying what to do where the location cannot be reached, or has no such collection
 */
export const openCollection = (location: string, options: OpenOptions): Promise<Collection> =>
  storeOf(location).open(location, options);
