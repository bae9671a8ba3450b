import type { Change, NewPicture } from '../../collection/change.ts';
import { checkChange, pictureKey, toStored } from '../../collection/checks.ts';
import type { FileFacts } from '../../collection/picture.ts';
import { sampleOrder } from '../../collection/sampleOrder.ts';
import type { MemoryFile, MemoryPicture, MemoryState } from './memoryState.ts';

/** A state while changes are made to it. */
interface Draft {
  nextId: number;
  readonly files: Map<string, MemoryFile>;
  readonly pictures: Map<number, MemoryPicture>;
  readonly vectors: readonly Map<number, Uint16Array>[];
}

function forget(draft: Draft, path: string): void {
  for (const id of draft.files.get(path)?.pictures ?? []) forgetPicture(draft, id);
  draft.files.delete(path);
}

function forgetPicture(draft: Draft, id: number): void {
  draft.pictures.delete(id);
  for (const vectors of draft.vectors) vectors.delete(id);
}

/** The ids of the pictures that a path has, where it is known with the same bytes that were read in the same way. */
function knownPictures(draft: Draft, { path, hash, how }: FileFacts): Map<string, number> {
  const known = draft.files.get(path);
  if (!known || known.bad !== undefined || known.hash !== hash || known.how !== how) return new Map();
  return new Map(known.pictures.map((id) => [pictureKey(draft.pictures.get(id)!), id]));
}

function putFile(
  draft: Draft,
  model: number,
  width: number,
  file: FileFacts,
  pictures: readonly NewPicture[],
) {
  const known = knownPictures(draft, file);
  const kept = new Set(pictures.flatMap((picture) => known.get(pictureKey(picture)) ?? []));
  for (const id of draft.files.get(file.path)?.pictures ?? []) if (!kept.has(id)) forgetPicture(draft, id);
  const ids = pictures.map(({ vector, ...facts }) => {
    const id = known.get(pictureKey(facts)) ?? draft.nextId++;
    draft.pictures.set(id, { ...facts, id, path: file.path, sampleOrder: sampleOrder(file.hash, facts) });
    draft.vectors[model - 1]!.set(id, toStored(vector, width, file.path));
    return id;
  });
  draft.files.set(file.path, { ...file, pictures: ids });
}

function move(draft: Draft, from: string, file: FileFacts): void {
  const known = draft.files.get(from);
  if (!known)
    throw new RangeError(`${from} cannot be moved to ${file.path}: the collection does not know it`);
  if (from !== file.path) forget(draft, file.path);
  draft.files.delete(from);
  draft.files.set(file.path, { ...known, ...file });
  for (const id of known.pictures) draft.pictures.set(id, { ...draft.pictures.get(id)!, path: file.path });
}

function apply(draft: Draft, model: number, width: number, change: Change): void {
  checkChange(change);
  if (change.kind === 'file') putFile(draft, model, width, change.file, change.pictures);
  else if (change.kind === 'move') move(draft, change.from, change.file);
  else if (change.kind === 'gone') forget(draft, change.path);
  else {
    forget(draft, change.file.path);
    draft.files.set(change.file.path, { ...change.file, bad: change.reason, pictures: [] });
  }
}

/** The state after the changes. @throws RangeError where one of them cannot be */
export function applyChanges(state: MemoryState, model: number, changes: readonly Change[]): MemoryState {
  const draft: Draft = {
    nextId: state.nextId,
    files: new Map(state.files),
    pictures: new Map(state.pictures),
    vectors: state.vectors.map((vectors) => new Map(vectors)),
  };
  const { width } = state.models[model - 1]!;
  for (const change of changes) apply(draft, model, width, change);
  const pictures = new Map([...draft.pictures].sort(([a], [b]) => a - b));
  return { ...state, ...draft, pictures, version: state.version + 1 };
}
