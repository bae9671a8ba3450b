import type { Collection } from './collection.ts';

/** Gives what was worked out of a collection under a key, or works it out. */
export type UntilChanged<Key, Value> = (
  collection: Collection,
  key: Key,
  work: () => Promise<Value>,
) => Promise<Value>;

/**
 * Remembers what is worked out of each open collection, until the collection changes. A failure is told to whoever waits,
 * and tried again by the next.
 */
export function untilChanged<Key, Value>(): UntilChanged<Key, Value> {
  const known = new WeakMap<Collection, Map<Key, { version: number; value: Promise<Value> }>>();
  return async (collection, key, work) => {
    const version = await collection.version();
    const byKey = known.get(collection) ?? new Map<Key, { version: number; value: Promise<Value> }>();
    known.set(collection, byKey);
    const found = byKey.get(key);
    if (found?.version === version) return found.value;
    const made = { version, value: work() };
    byKey.set(key, made);
    made.value.catch(() => {
      if (byKey.get(key) === made) byKey.delete(key);
    });
    return made.value;
  };
}
