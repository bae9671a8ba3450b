import type { StoredFile, StoredVectors } from '../../collection/collection.ts';
import type { PictureFilter } from '../../collection/filter.ts';
import { comparePaths } from '../../collection/paths.ts';
import type { Picture } from '../../collection/picture.ts';
import { matches } from './matches.ts';
import type { MemoryState } from './memoryState.ts';

/** In the order of ids. */
export function picturesOf({ files, pictures }: MemoryState, filter: PictureFilter = {}): Picture[] {
  const all = [...pictures.values()].map(({ path, sampleOrder: _, ...facts }) => {
    const { bytes, modified, hash, how } = files.get(path)!;
    return { ...facts, path, bytes, modified, hash, how };
  });
  return all.filter((picture) => matches(filter, picture));
}

/** In the order of paths. */
export function filesOf({ files, vectors }: MemoryState, model: number): StoredFile[] {
  const known = vectors[model - 1]!;
  const all = [...files.values()].sort((a, b) => comparePaths(a.path, b.path));
  return all.map(({ pictures, ...file }) => ({ ...file, embedded: pictures.every((id) => known.has(id)) }));
}

/** In the order of the ids, without those that have no vector of the model. */
export function vectorsOf(
  { vectors, models }: MemoryState,
  model: number,
  ids: readonly number[],
): StoredVectors {
  const known = vectors[model - 1]!;
  const { width } = models[model - 1]!;
  const found = ids.filter((id) => known.has(id));
  const all = new Uint16Array(found.length * width);
  found.forEach((id, row) => {
    all.set(known.get(id)!, row * width);
  });
  return { ids: found, vectors: all };
}

/** In the order in which they are sampled. */
export function sampleIds({ pictures, vectors }: MemoryState, model: number): number[] {
  const known = vectors[model - 1]!;
  const all = [...pictures.values()].filter(({ id }) => known.has(id));
  all.sort((a, b) => a.sampleOrder - b.sampleOrder || a.id - b.id);
  return all.map(({ id }) => id);
}
