import type { Change } from '../../collection/change.ts';
import type { StoredFile } from '../../collection/collection.ts';
import type { FileFacts } from '../../collection/picture.ts';
import type { Sources } from './sources.ts';

/** A path whose file has other content now. */
export interface Replaced {
  readonly known: StoredFile;
  readonly file: FileFacts;
}

/** A known file whose content is at another path now. */
export interface Moved {
  readonly from: StoredFile;
  readonly file: FileFacts;
}

export interface Rearranged {
  /** To be written together: between them, paths are not what they are on the disk. */
  readonly changes: readonly Change[];
  readonly moves: readonly Moved[];
}

/** Where the pictures of a path are known while another file's take their place: no file has such a name. */
const aside = ({ path, hash }: StoredFile): string => `${path}?was=${hash.slice(0, 16)}`;

/**
 * Renaming a row of files, as a new numbering does, gives each path what another one had. All such moves at once: the
 * pictures of a path that is taken are put aside first, and remain a source for files that are looked at later.
 * @param sources what is missing; gets what was replaced too
 */
export function rearrange(replaced: readonly Replaced[], sources: Sources): Rearranged {
  for (const { known } of replaced) if (known.bad === undefined) sources.add(known);
  const moves = replaced.flatMap(({ known, file }) => {
    const from = sources.take(file);
    return from ? [{ from, known, file }] : [];
  });
  const moved = new Set(moves.map(({ known }) => known.path));
  const asides: Change[] = moves.flatMap(({ known }) => {
    if (known.bad !== undefined) return [];
    const path = aside(known);
    sources.rename(known, path);
    const { bytes, modified, hash, how } = known;
    return [{ kind: 'move', from: known.path, file: { path, bytes, modified, hash, how } }];
  });
  const here = moves.map(({ from, file }): Change => {
    return { kind: 'move', from: moved.has(from.path) ? aside(from) : from.path, file };
  });
  return { changes: [...asides, ...here], moves };
}
