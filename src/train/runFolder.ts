import { randomBytes } from 'node:crypto';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFault } from '../checkpoint/diskFault.ts';

/** A run's folder cannot be written, or its disk is full: names the folder, the reason and what is still there. */
export class RunFolderError extends Error {
  override readonly name = 'RunFolderError';
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(3)} GB`;

/** Bytes that may still be written, or undefined where the file system does not say. */
async function freeBytes(folder: string): Promise<number | undefined> {
  const { bavail, bsize, blocks } = await statfs(folder);
  return blocks > 0 ? bavail * bsize : undefined;
}

/**
 * Makes the folder of a run and tries it out, so that a run fails before its first step and not at its first state.
 * @throws RunFolderError when nothing can be written there
 */
export async function openRunFolder(folder: string): Promise<void> {
  const probe = join(folder, `.${randomBytes(4).toString('hex')}.probe`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, 'probe');
    await rm(probe);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RunFolderError(`the run folder ${folder} cannot be written (${reason}); use another --run`, {
      cause,
    });
  }
}

/**
 * @param bytes what the run will write at most
 * @throws RunFolderError when the disk has less
 */
export async function assertRoom(
  folder: string,
  bytes: number,
  free: (folder: string) => Promise<number | undefined> = freeBytes,
): Promise<void> {
  const available = await free(folder);
  if (available === undefined || available >= bytes) return;
  throw new RunFolderError(
    `the run needs ${gigabytes(bytes)} for its saved states, and ${folder} has ${gigabytes(available)} left; ` +
      'free space or use another --run',
  );
}

/**
 * Does what writes into a run's folder.
 * @param kept says what remains where it fails
 * @throws RunFolderError naming what could not be written, why, and what remains
 */
export async function writing<T>(
  what: string,
  kept: () => Promise<string>,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const reason = diskFault(cause)?.fault ?? (cause instanceof Error ? cause.message : cause);
    throw new RunFolderError(`${what} cannot be written: ${reason}. ${await kept()}`, { cause });
  }
}
