import { setTimeout as sleep } from 'node:timers/promises';

/** Folders in which something changed, held back until they are quiet. */
export interface Changes {
  add(folder: string): void;
  /**
   * Waits until something has changed and it is quiet, or until `milliseconds` are over.
   * @returns the changed folders; none when the time was over, or the signal said stop
   */
  next(milliseconds: number, signal: AbortSignal): Promise<readonly string[]>;
}

/** How often is looked whether it is quiet. */
const TICK = 100;
/** In a folder that never is, changes are taken after so many times of what is quiet. */
const MOST_QUIETS = 15;

/** @param quiet milliseconds without a change */
export function createChanges(quiet: number, now: () => number = Date.now): Changes {
  const folders = new Set<string>();
  let first = 0;
  let last = 0;
  const isReady = (): boolean =>
    folders.size > 0 && (now() - last >= quiet || now() - first >= MOST_QUIETS * quiet);
  return {
    add(folder) {
      last = now();
      if (folders.size === 0) first = last;
      folders.add(folder);
    },
    async next(milliseconds, signal) {
      const end = now() + milliseconds;
      while (!isReady() && now() < end && !signal.aborted)
        await sleep(Math.min(TICK, quiet), undefined, { signal }).catch(() => {});
      if (!isReady() || signal.aborted) return [];
      const all = [...folders];
      folders.clear();
      return all;
    },
  };
}
