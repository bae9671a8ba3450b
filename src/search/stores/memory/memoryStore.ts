import type { Collection } from '../../collection/collection.ts';
import { checkCollectionName, noCollection } from '../collectionName.ts';
import type { OpenCollectionOptions, Store } from '../store.ts';
import { type MemoryCell, MemoryCollection } from './memoryCollection.ts';
import { EMPTY_STATE } from './memoryState.ts';

/** By location, then by name. */
const locations = new Map<string, Map<string, MemoryCell>>();

const namesAt = (location: string): Map<string, MemoryCell> => locations.get(location) ?? new Map();

/** Collections that end with the process, at `memory:`, or `memory:…` for some that are apart. */
export const memoryStore: Store = {
  name: 'memory',
  accepts: (location) => location.startsWith('memory:'),

  async open(location: string, { name, create = false }: OpenCollectionOptions): Promise<Collection> {
    checkCollectionName(name);
    const names = namesAt(location);
    const cell = names.get(name) ?? (create ? { state: EMPTY_STATE, lock: undefined } : undefined);
    if (!cell) throw await noCollection(memoryStore, location, name);
    locations.set(location, names.set(name, cell));
    return new MemoryCollection(name, cell);
  },

  async list(location: string): Promise<string[]> {
    return [...namesAt(location).keys()].sort();
  },

  async remove(location: string, name: string): Promise<void> {
    if (!namesAt(location).delete(name)) throw await noCollection(memoryStore, location, name);
  },
};
