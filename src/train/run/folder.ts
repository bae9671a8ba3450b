import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFault } from '../../checkpoint/files/diskFault.ts';
import { endTemporary, removeLeftovers, temporaryBeside } from '../../checkpoint/files/leftovers.ts';
import { type LockOwner, readLock, takeLock } from '../../checkpoint/files/lock.ts';
import { makeFolder } from '../../checkpoint/files/makeFolder.ts';

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
  const probe = temporaryBeside(join(folder, 'probe'));
  try {
    await makeFolder(folder);
    await writeFile(probe, 'probe');
    await rm(probe);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RunFolderError(`the run folder ${folder} cannot be written (${reason}); use another --run`, {
      cause,
    });
  } finally {
    endTemporary(probe);
  }
}

/** A run's folder that no other trainer may write into. */
export interface RunLock {
  /** @throws RunFolderError where another process has taken it over, which believed this one to be gone */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

/** File of a run's folder that says who trains in it; there is none when nobody does. */
const LOCK = '.lock';

const ownerText = (owner: LockOwner | undefined): string =>
  owner
    ? `process ${owner.pid} on ${owner.host}, which trains in it since ${owner.since}`
    : 'another process, which began only now';

/**
 * Makes the folder of a run, tries it out, takes it for this process, and removes what killed ones were writing there.
 * What a dead process had is taken over.
 * @throws RunFolderError naming the process that trains in the folder, or when nothing can be written there
 * @example
 * const lock = await takeRunFolder('out/run');
 * await lock.release();
 */
export async function takeRunFolder(folder: string): Promise<RunLock> {
  await openRunFolder(folder);
  const path = join(folder, LOCK);
  const lock = await takeLock(path);
  if (lock.kind === 'foreign') {
    throw new RunFolderError(
      `the run folder ${folder} belongs to ${ownerText(lock.owner)}; wait for its end or stop it, or use another --run`,
    );
  }
  await removeLeftovers(folder);
  return {
    async assertHeld() {
      if (await lock.isHeld()) return;
      const owner = await readLock(path);
      throw new RunFolderError(
        `the run folder ${folder} was taken over by ${ownerText(owner)} while this one gave no sign of life; nothing more is written`,
      );
    },
    release: lock.release,
  };
}

/**
 * Works in a run's folder that is taken: by the caller, or for the time of the work.
 * @throws RunFolderError as {@link takeRunFolder}
 */
export async function inRunFolder<T>(
  folder: string,
  held: RunLock | undefined,
  work: (lock: RunLock) => Promise<T>,
): Promise<T> {
  if (held) {
    // Under the hold on a folder around it, perhaps.
    await openRunFolder(folder);
    await removeLeftovers(folder);
    return work(held);
  }
  const lock = await takeRunFolder(folder);
  try {
    return await work(lock);
  } finally {
    await lock.release();
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
