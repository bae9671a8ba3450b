import { takeLock } from '../../files/lock.ts';
import { pause } from '../pause.ts';

/** What a lock's name ends in. Python's lock beside it is of another kind (flock), which Node.js does not have. */
export const LOCK_SUFFIX = '.siglip2.lock';

export interface LockOptions {
  /** Whether another process has done the work meanwhile. */
  readonly isDone: () => Promise<boolean>;
  /** Called once, when the lock is another's. */
  readonly onWait: () => void;
}

/**
 * Does work that only one process at a time should do; waits while another does it, and does nothing where that one has
 * finished it. The lock saves work and nothing else: where none can be made, or two believe to have it, both do the
 * work, which must end well nevertheless.
 */
export async function withLock(path: string, options: LockOptions, work: () => Promise<void>): Promise<void> {
  for (let waited = false; ; waited = true) {
    const lock = await takeLock(path).catch(() => undefined);
    if (lock?.kind !== 'foreign') {
      try {
        if (!(await options.isDone())) await work();
      } finally {
        await lock?.release();
      }
      return;
    }
    if (!waited) options.onWait();
    if (await options.isDone()) return;
    await pause(0.2);
  }
}
