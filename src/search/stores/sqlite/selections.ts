import type { PictureFilter } from '../../collection/filter.ts';
import { createSelection, type Selection } from '../../scan/selection.ts';

/** Filters that are remembered. */
const MOST = 16;

/** What filters meant, as of one version of a collection: whoever searches again with a filter does not wait for SQL. */
export interface Selections {
  get(version: number, filter: PictureFilter, find: () => Promise<number[]>): Promise<Selection>;
  /** What is remembered. */
  known(version: number, filter: PictureFilter): Selection | undefined;
}

export function createSelections(): Selections {
  const known = new Map<string, Selection>();
  let asOf = -1;
  return {
    async get(version, filter, find) {
      if (version !== asOf) known.clear();
      asOf = version;
      const key = JSON.stringify(filter);
      const found = known.get(key) ?? createSelection(await find());
      // The latest is last; the first goes.
      known.delete(key);
      if (version === asOf) known.set(key, found);
      for (const old of [...known.keys()].slice(0, -MOST)) known.delete(old);
      return found;
    },
    known: (version, filter) => (version === asOf ? known.get(JSON.stringify(filter)) : undefined),
  };
}

/** A filter without its `without`, or undefined where nothing is left of it. */
export function withoutIds(filter: PictureFilter = {}): PictureFilter | undefined {
  const { without: _, ...rest } = filter;
  return Object.values(rest).some((value) => value !== undefined) ? rest : undefined;
}
