import type { PictureFilter } from '../../../search/collection/filter.ts';
import type { ShownPaths } from '../../collections/shownPaths.ts';
import type { FilterJson } from './filterSchema.ts';

/** What a filter of a request means; undefined where it lets all pictures through. */
export function filterOf(
  { folder, from, before, near, kinds, ...sizes }: FilterJson,
  paths: ShownPaths,
): PictureFilter | undefined {
  const filter: PictureFilter = {
    folder: folder === undefined ? undefined : paths.resolve(folder),
    ...{ from, before, near, kinds },
    minBytes: sizes.min_bytes,
    maxBytes: sizes.max_bytes,
    minSide: sizes.min_side,
    maxSide: sizes.max_side,
  };
  return Object.values(filter).some((value) => value !== undefined) ? filter : undefined;
}
