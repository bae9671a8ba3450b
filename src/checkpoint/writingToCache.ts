import { diskFault } from './diskFault.ts';
import { CheckpointError } from './errors.ts';

/**
 * Runs work that writes into the cache, so that a disk that refuses is reported as what it is.
 * @param path what is written, for messages.
 * @throws CheckpointError for what the operating system refuses; any other error goes through.
 */
export async function writingToCache<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const disk = diskFault(cause);
    if (!disk) throw cause;
    const advice = `${disk.remedy}, or choose another cache (HF_HUB_CACHE, or load's cacheDir), and do the same again`;
    throw new CheckpointError(
      path,
      `cannot be written (${disk.fault}); ${advice} (what has been fetched is kept)`,
      { cause },
    );
  }
}
