import type { Change, NewPicture } from '../../collection/change.ts';
import { checkChange, pictureKey, toStored } from '../../collection/checks.ts';
import type { FileFacts, PictureFacts } from '../../collection/picture.ts';

/** A picture of a file in a draft; with facts and vector, where they are to be written. */
export interface DraftPicture {
  readonly id: number;
  readonly key: string;
  readonly facts?: PictureFacts | undefined;
  /** float16 as bits */
  readonly vector?: Uint16Array | undefined;
}

export interface DraftFile {
  readonly id: number;
  readonly facts: FileFacts;
  readonly bad?: string | undefined;
  readonly pictures: readonly DraftPicture[];
}

/** Files that some changes are about: as they were, and as they will be. */
export interface Draft {
  readonly before: ReadonlyMap<string, DraftFile>;
  readonly files: Map<string, DraftFile>;
  /** Files to write, by their ids. */
  readonly written: Set<number>;
  nextPicture: number;
  nextFile: number;
}

/** All paths that changes name. */
export const pathsOf = (changes: readonly Change[]): string[] => [
  ...new Set(
    changes.flatMap((change) => {
      if (change.kind === 'gone') return [change.path];
      return change.kind === 'move' ? [change.from, change.file.path] : [change.file.path];
    }),
  ),
];

function put(draft: Draft, path: string, file: DraftFile): void {
  draft.files.set(path, file);
  draft.written.add(file.id);
}

function putFile(draft: Draft, width: number, file: FileFacts, pictures: readonly NewPicture[]): void {
  const known = draft.files.get(file.path);
  const same =
    known !== undefined &&
    known.bad === undefined &&
    known.facts.hash === file.hash &&
    known.facts.how === file.how;
  const ids = new Map(same ? known.pictures.map(({ key, id }) => [key, id]) : []);
  put(draft, file.path, {
    id: known?.id ?? draft.nextFile++,
    facts: file,
    pictures: pictures.map(({ vector, ...facts }) => {
      const key = pictureKey(facts);
      const id = ids.get(key) ?? draft.nextPicture++;
      return { id, key, facts, vector: toStored(vector, width, file.path) };
    }),
  });
}

function move(draft: Draft, from: string, file: FileFacts): void {
  const known = draft.files.get(from);
  if (!known)
    throw new RangeError(`${from} cannot be moved to ${file.path}: the collection does not know it`);
  draft.files.delete(from);
  put(draft, file.path, { ...known, facts: file });
}

/** Makes changes to a draft, in their order. @throws RangeError where one of them cannot be */
export function change(draft: Draft, width: number, changes: readonly Change[]): void {
  for (const one of changes) {
    checkChange(one);
    if (one.kind === 'file') putFile(draft, width, one.file, one.pictures);
    else if (one.kind === 'move') move(draft, one.from, one.file);
    else if (one.kind === 'gone') draft.files.delete(one.path);
    else
      put(draft, one.file.path, {
        id: draft.files.get(one.file.path)?.id ?? draft.nextFile++,
        facts: one.file,
        bad: one.reason,
        pictures: [],
      });
  }
}
