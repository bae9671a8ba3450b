import { basename, dirname } from 'node:path';
import type { StoredFile } from '../../collection/collection.ts';

type Content = Pick<StoredFile, 'hash' | 'how'>;

/** What two files with the same pictures have in common. */
export const contentKey = ({ hash, how }: Content): string => `${hash} ${how}`;

/** Files whose paths have no longer their content: where it turns up again, it has been moved. */
export interface Sources {
  /**
   * The file whose content this is, which is no source after that; of several the one with the same name, or else in the
   * same folder.
   */
  take(file: Content & { readonly path: string }): StoredFile | undefined;
  add(file: StoredFile): void;
  /** A file that is not taken yet is known by another path now. */
  rename(file: StoredFile, path: string): void;
  /** Those that nobody took. */
  left(): StoredFile[];
}

/** Of files with the same content, the place of the one that was most likely moved to a path. */
function likeliest(files: readonly StoredFile[], path: string): number {
  const named = files.findIndex((one) => basename(one.path) === basename(path));
  if (named >= 0) return named;
  return Math.max(
    0,
    files.findIndex((one) => dirname(one.path) === dirname(path)),
  );
}

export function createSources(files: Iterable<StoredFile>): Sources {
  const byContent = new Map<string, StoredFile[]>();
  const sources: Sources = {
    take(file) {
      const key = contentKey(file);
      const list = byContent.get(key);
      if (!list) return undefined;
      const [taken] = list.splice(likeliest(list, file.path), 1);
      if (list.length === 0) byContent.delete(key);
      return taken;
    },
    add(file) {
      // A bad file has no pictures that could be kept.
      const key = file.bad === undefined ? contentKey(file) : `bad ${file.path}`;
      const list = byContent.get(key);
      if (list) list.push(file);
      else byContent.set(key, [file]);
    },
    rename(file, path) {
      const list = byContent.get(contentKey(file));
      const at = list?.indexOf(file) ?? -1;
      if (at >= 0) list![at] = { ...file, path };
    },
    left: () => [...byContent.values()].flat(),
  };
  for (const file of files) sources.add(file);
  return sources;
}
