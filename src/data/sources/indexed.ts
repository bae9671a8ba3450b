import type { BadSample, Read } from '../samples/sample.ts';
import { checkIndex } from './place.ts';
import type { IndexedSource } from './source.ts';

/** A sample whose image is a file and whose texts may still have to be read, or what was wrong with it. */
export type IndexEntry = BadSample | { readonly reason?: undefined; readonly read: () => Promise<Read> };

/** An indexed source of entries that were found when it was opened. */
export const indexedSource = (name: string, entries: readonly IndexEntry[]): IndexedSource => ({
  kind: 'indexed',
  name,
  size: entries.length,
  async read(index) {
    checkIndex(`${name}: index`, index, entries.length);
    const entry = entries[index]!;
    return entry.reason === undefined ? await entry.read() : { bad: entry };
  },
});
