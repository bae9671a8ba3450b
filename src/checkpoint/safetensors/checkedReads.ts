import { type Checksums, changed, checksumText, continueChecksum } from '../files/checksums.ts';
import { damaged, quote } from '../files/errors.ts';
import type { ReadableFile } from '../files/readableFile.ts';
import type { TensorEntry } from './header.ts';

/** An open file, and the checksums of its tensors where they are known. */
export interface CheckedFile {
  readonly file: ReadableFile;
  readonly path: string;
  readonly checksums?: Checksums;
}

/** Bytes that are read and checked at a time: they stay in the processor's cache, and others get their turn. */
const PIECE = 4 * 2 ** 20;

/** Fills `target` from a position in the file: one allocation, no intermediate copy. */
export async function readExactly(
  file: ReadableFile,
  path: string,
  target: Uint8Array,
  at: number,
): Promise<void> {
  const bytes = await file.read(target, at);
  if (bytes < target.length) throw damaged(path, `ended at byte ${at + bytes} while it was being read`);
}

/** As {@link readExactly}, for a tensor whose checksum may be known. @throws CheckpointError when it is another */
export async function readChecked(
  { file, path, checksums }: CheckedFile,
  name: string,
  target: Uint8Array,
  at: number,
): Promise<void> {
  const expected = checksums?.get(name);
  if (expected === undefined) return readExactly(file, path, target, at);
  let checksum = 0;
  for (let done = 0; done < target.length; done += PIECE) {
    const piece = target.subarray(done, done + PIECE);
    await readExactly(file, path, piece, at + done);
    checksum = continueChecksum(piece, checksum);
  }
  if (checksumText(checksum) !== expected) throw changed(path, `tensor ${quote(name)}`);
}

/**
 * Hands on a tensor's bytes piece by piece, and compares their checksum. The next piece is read while the last one is
 * looked at, and then overwrites it.
 * @throws CheckpointError when the bytes are not those that were saved
 */
export async function scanChecked(
  { file, path, checksums }: CheckedFile,
  name: string,
  { offset, byteLength }: Pick<TensorEntry, 'offset' | 'byteLength'>,
  onPiece: (bytes: Uint8Array) => void,
): Promise<void> {
  const expected = checksums?.get(name);
  const buffers = [0, 1].map(() => new Uint8Array(Math.min(PIECE, byteLength)));
  const pieceAt = async (done: number): Promise<Uint8Array> => {
    const piece = buffers[(done / PIECE) % 2]!.subarray(0, Math.min(PIECE, byteLength - done));
    await readExactly(file, path, piece, offset + done);
    return piece;
  };
  let checksum = 0;
  let next = pieceAt(0);
  for (let done = 0; done < byteLength; done += PIECE) {
    const piece = await next;
    if (done + PIECE < byteLength) {
      next = pieceAt(done + PIECE);
      // Awaited in the next round; a failure before that must not count as unhandled.
      next.catch(() => {});
    }
    if (expected !== undefined) checksum = continueChecksum(piece, checksum);
    onPiece(piece);
  }
  await next;
  if (expected !== undefined && checksumText(checksum) !== expected)
    throw changed(path, `tensor ${quote(name)}`);
}
