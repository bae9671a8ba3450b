import type { Encoder } from '../encoder/encoder.ts';
import { createRegistry } from '../tensor/support/registry.ts';
import type { Collection } from './collection.ts';
import { files } from './openFiles.ts';
import type { Store } from './store.ts';

/** All ways to keep a collection. */
const stores = createRegistry<Store>('store', [files]);

/**
 * Adds a way to keep collections, so that `openCollection` and `serve` find those that are kept so.
 * @returns the store
 * @throws RangeError when another one has its name
 * @example
 * const kept = new Map<string, Collection>();
 * const memory = registerStore({
 *   name: 'memory',
 *   holds: (folder) => kept.has(folder),
 *   open: async (folder) => kept.get(folder)!,
 * });
 */
export function registerStore(store: Store): Store {
  stores.register(store);
  return store;
}

/**
 * Opens the collection beside a model, or gives undefined when the folder has none.
 * @throws CheckpointError when its files do not fit together or were made by another model.
 * @example
 * const encoder = await load();
 * const collection = await openCollection('photos/collection', encoder);
 * console.log(collection?.items.length);
 */
export async function openCollection(folder: string, encoder: Encoder): Promise<Collection | undefined> {
  return stores
    .all()
    .find((store) => store.holds(folder))
    ?.open(folder, encoder);
}
