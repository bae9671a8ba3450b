import type { BadSample, Read } from '../sample.ts';
import type { IndexedSource } from './source.ts';

/** A sample whose image is a file and whose texts may still have to be read, or what was wrong with it. */
export type IndexEntry = BadSample | { readonly reason?: undefined; readonly read: () => Promise<Read> };

/** An indexed source of entries that were found when it was opened. */
export const indexedSource = (name: string, entries: readonly IndexEntry[]): IndexedSource => ({
  kind: 'indexed',
  name,
  size: entries.length,
  async read(index) {
    const entry = entries[index];
    if (!entry) throw new RangeError(`${name}: there is no sample ${index}; it has ${entries.length}`);
    return entry.reason === undefined ? await entry.read() : { bad: entry };
  },
});
