import { CheckpointError } from './errors.ts';

/** Errors of the operating system that mean: no room left, on the disk or in the user's share of it. */
const FULL: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

/** What the operating system refused; errors of the program have no system call. */
const isSystemError = (error: unknown): error is Error & { readonly code: unknown } =>
  error instanceof Error && 'code' in error && 'syscall' in error;

/**
 * Runs work that writes into the cache, so that a disk that refuses is reported as what it is.
 * @param path what is written, for messages.
 * @throws CheckpointError for what the operating system refuses; any other error goes through.
 */
export async function writingToCache<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    const [fault, remedy] = FULL.includes(cause.code)
      ? ['the disk is full', 'free some space']
      : [cause.message, "check the disk and the folder's permissions"];
    const advice = `${remedy}, or choose another cache (HF_HUB_CACHE, or load's cacheDir), and do the same again`;
    throw new CheckpointError(
      path,
      `cannot be written (${fault}); ${advice} (what has been fetched is kept)`,
      { cause },
    );
  }
}
