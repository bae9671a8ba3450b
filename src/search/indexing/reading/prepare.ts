import { float16ToFloat32 } from '../../../checkpoint/safetensors/castFloat.ts';
import { messageOf } from '../../../data/samples/badRead.ts';
import { createBudget } from '../../../input/image/decode/decodingBudget.ts';
import { isImageName } from '../../../input/image/decode/imageFormat.ts';
import type { Change, NewPicture } from '../../collection/change.ts';
import type { Collection, ContentCopy } from '../../collection/collection.ts';
import type { FileFacts } from '../../collection/picture.ts';
import type { PictureModel, PictureReader, ReadPicture } from '../../pictures/pictures.ts';
import type { Task } from '../listing/compare.ts';
import type { Claim, ClaimedFile, Claims } from './claims.ts';
import { ChangingFileError, LARGE, type ReadBytes, readBytes } from './readBytes.ts';
import type { Sources } from './sources.ts';

/** A file whose pictures are being read. */
export interface Entry extends ClaimedFile {
  readonly claim: Claim;
  /** What is to be written before its pictures. */
  readonly before: readonly Change[];
  /** Whether its pictures are read from bytes in memory, whatever becomes of the file. */
  readonly isHeld: boolean;
}

/** A file that was opened, and what has to be done about it. */
export type Prepared =
  /** Nothing is to be embedded. */
  | {
      readonly kind: 'known';
      readonly as: 'moved' | 'copied';
      readonly changes: readonly Change[];
      readonly claim?: Claim;
    }
  /** The same bytes as a file that is being worked on. */
  | ({ readonly kind: 'same'; readonly claim: Claim } & ClaimedFile)
  /** Its pictures are to be embedded. */
  | {
      readonly kind: 'pictures';
      readonly entry: Entry;
      readonly pictures: AsyncIterator<ReadPicture, string | undefined>;
    }
  /** Its bytes can't be read: nobody knows what they are. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** It is being written. */
  | { readonly kind: 'changing' };

export interface PrepareContext {
  readonly collection: Collection;
  readonly model: number;
  readonly pictureModel: PictureModel;
  readonly readerOf: (path: string) => PictureReader | undefined;
  readonly sources: Sources;
  readonly claims: Claims;
  readonly signal: AbortSignal;
}

/** Bytes of files that are held while their pictures are decoded. */
const withinBytes = createBudget(256 * 2 ** 20);

/** The pictures of a copy, with this model's vectors. */
function copied({ pictures, vectors: { ids, vectors } }: ContentCopy): NewPicture[] {
  const width = ids.length === 0 ? 0 : vectors.length / ids.length;
  return pictures.map((picture) => {
    const row = ids.indexOf(picture.id);
    const { kind, at, width: w, height, taken, latitude, longitude } = picture;
    const vector = float16ToFloat32(vectors.subarray(row * width, (row + 1) * width));
    return { kind, at, width: w, height, taken, latitude, longitude, vector };
  });
}

/** An iterator whose first value is being made already. */
async function started<T, R>(
  iterator: AsyncIterator<T, R | undefined>,
): Promise<AsyncIterator<T, R | undefined>> {
  let first: Promise<IteratorResult<T, R | undefined>> | undefined = iterator.next();
  await first.catch(() => {});
  return {
    next() {
      const next = first ?? iterator.next();
      first = undefined;
      return next;
    },
    return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
  };
}

/** A file's bytes, or why they are not known. @throws Error of what is no matter of the file */
async function tryBytes(path: string, wantsContent: boolean): Promise<ReadBytes | Prepared> {
  try {
    return await readBytes(path, wantsContent);
  } catch (error) {
    if (error instanceof ChangingFileError) return { kind: 'changing' };
    if (error instanceof Error && 'code' in error) return { kind: 'unreadable', reason: messageOf(error) };
    throw error;
  }
}

/** Reads and hashes a file, and finds out whether its pictures are known. */
export async function prepare(task: Task, context: PrepareContext): Promise<Prepared> {
  const isImage = isImageName(task.path);
  // Of others, a piece is held at a time.
  return withinBytes(isImage ? Math.min(task.bytes, LARGE) : 0, async () => {
    const read = await tryBytes(task.path, isImage);
    return 'kind' in read ? read : prepareRead(task, read, isImage, context);
  });
}

async function prepareRead(
  { path, how, known, isAgain }: Task,
  { bytes, modified, hash, content }: ReadBytes,
  isImage: boolean,
  { collection, model, pictureModel, readerOf, sources, claims, signal }: PrepareContext,
): Promise<Prepared> {
  const file: FileFacts = { path, bytes, modified, hash, how };
  const source = sources.take(file);
  const before: Change[] = source ? [{ kind: 'move', from: source.path, file }] : [];
  if (source?.embedded) return { kind: 'known', as: 'moved', changes: before };
  const { claim, isNew } = claims.of(file);
  if (!isNew && !source) return { kind: 'same', claim, file, known };
  const own: Claim = isNew ? claim : { key: claim.key, followers: [] };
  const copy = isAgain ? undefined : await collection.sameContent(model, hash, how);
  if (copy) {
    const pictures = copied(copy);
    own.outcome = { pictures };
    const changes: Change[] = [...before, { kind: 'file', file, pictures }];
    return { kind: 'known', as: source ? 'moved' : 'copied', changes, claim: own };
  }
  const read = readerOf(path)!.read(path, { model: pictureModel, bytes: content, signal });
  // Videos and documents are opened in their turn: each may need a process, and has more than one picture.
  const pictures = isImage ? await started(read) : read;
  const entry: Entry = { file, known, claim: own, before, isHeld: content !== undefined };
  return { kind: 'pictures', entry, pictures };
}
