import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { factsOf } from '../listing/statFiles.ts';

/** What was read of a file at one time. */
export interface ReadBytes {
  readonly bytes: number;
  readonly modified: number;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  /** Its content, of a file that is not large. */
  readonly content?: Uint8Array | undefined;
}

/** A file that was written while it was read, again and again: it is not finished. */
export class ChangingFileError extends Error {
  override readonly name = 'ChangingFileError';
}

/** Larger files are hashed piece by piece, and whoever decodes them reads them a second time. */
export const LARGE = 64 * 2 ** 20;
const PIECE = 2 ** 20;
const TRIES = 3;

async function hashPieces(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(PIECE);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, PIECE, null);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
  }
}

/** A file's hash and content, or undefined where it was written meanwhile. */
async function readOnce(path: string, wantsContent: boolean): Promise<ReadBytes | undefined> {
  const handle = await open(path, 'r');
  try {
    const before = factsOf(await handle.stat());
    const content = wantsContent && before.bytes <= LARGE ? await handle.readFile() : undefined;
    const hash = content ? createHash('sha256').update(content).digest('hex') : await hashPieces(handle);
    const after = factsOf(await handle.stat());
    const isStill = before.bytes === after.bytes && before.modified === after.modified;
    const isWhole = content === undefined || content.byteLength === before.bytes;
    return isStill && isWhole ? { ...before, hash, content } : undefined;
  } finally {
    await handle.close();
  }
}

/**
 * Reads and hashes a file in one go. One that is written meanwhile is read again.
 * @param wantsContent whether its bytes are needed too
 * @throws the operating system's error; ChangingFileError for a file that does not stay as it is
 */
export async function readBytes(path: string, wantsContent: boolean): Promise<ReadBytes> {
  for (let tried = 0; tried < TRIES; tried++) {
    const read = await readOnce(path, wantsContent);
    if (read) return read;
  }
  throw new ChangingFileError(`${path}: is being written`);
}
