import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileWriteError, reportingDisk } from './diskFault.ts';
import { endTemporary, temporaryBeside } from './leftovers.ts';
import { makeFolder } from './makeFolder.ts';

/** Makes a rename durable; directories cannot be opened on Windows, where the rename is durable by itself. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => undefined);
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}

/**
 * Writes a file so that a reader sees the old content or the whole new one, never a part: into a temporary file
 * beside it, flushed to disk, then renamed. Nothing is left behind when `write` fails.
 * @throws FileWriteError naming the file where the disk is full, or anything else that the operating system refuses
 * @example
 * await writeAtomic('out/numbers.bin', (file) => writeAll(file, Uint8Array.of(1, 2, 3)));
 */
export const writeAtomic = (path: string, write: (file: FileHandle) => Promise<void>): Promise<void> =>
  writingFile(path, () => writeBeside(path, write));

/**
 * Does what writes a file.
 * @throws FileWriteError naming the file where the disk is full, or anything else that the operating system refuses
 */
export const writingFile = <T>(path: string, write: () => Promise<T>): Promise<T> =>
  reportingDisk(
    write,
    ({ fault, remedy }, cause) =>
      new FileWriteError(`${path} cannot be written (${fault}); ${remedy}, or write elsewhere`, { cause }),
  );

async function writeBeside(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const parent = dirname(path);
  await makeFolder(parent);
  const temporary = temporaryBeside(path);
  try {
    const file = await open(temporary, 'wx');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    endTemporary(temporary);
  }
  await syncDirectory(parent);
}

/**
 * Writes all of `bytes`, at the file's current position or at `at`. One call may write less than it was given, on a
 * disk that is about to be full for example.
 * @example
 * await writeAtomic('out/numbers.bin', (file) => writeAll(file, Uint8Array.of(1, 2, 3)));
 */
export async function writeAll(file: FileHandle, bytes: Uint8Array, at?: number): Promise<void> {
  const MAX_WRITE = 2 ** 30;
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(MAX_WRITE, bytes.length - done);
    const { bytesWritten } = await file.write(bytes, done, length, at === undefined ? null : at + done);
    done += bytesWritten;
  }
}

/**
 * Writes a value as JSON with a final newline, atomically; indented when it is small.
 * @example
 * await writeJson('out/settings.json', { steps: 100 });
 */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const compact = JSON.stringify(value);
  const text = compact.length < 2 ** 20 ? JSON.stringify(value, null, 2) : compact;
  await writeAtomic(path, (file) => file.writeFile(`${text}\n`));
}
