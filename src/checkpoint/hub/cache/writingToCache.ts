import { reportingDisk } from '../../files/diskFault.ts';
import { CheckpointError } from '../../files/errors.ts';

/**
 * Runs work that writes into the cache, so that a disk that refuses is reported as what it is.
 * @param path what is written, for messages.
 * @throws CheckpointError for what the operating system refuses; any other error goes through.
 */
export const writingToCache = <T>(path: string, work: () => Promise<T>): Promise<T> =>
  reportingDisk(work, ({ fault, remedy }, cause) => {
    const advice = `${remedy}, or choose another cache (HF_HUB_CACHE, or load's cacheDir), and do the same again`;
    return new CheckpointError(
      path,
      `cannot be written (${fault}); ${advice} (what has been fetched is kept)`,
      { cause },
    );
  });
