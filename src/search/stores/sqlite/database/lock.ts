import { CollectionBusyError, type CollectionLock } from '../../../collection/collection.ts';
import type { Connect } from '../drivers/connection.ts';
import { isBusy, withRemedy } from './faults.ts';

/**
 * Locks an empty database for as long as its connection is open: the operating system ends the lock with the process,
 * however that ends.
 * @throws CollectionBusyError
 */
export function takeLock(connect: Connect, path: string, name: string): CollectionLock {
  const connection = connect(path);
  try {
    connection.exec('PRAGMA busy_timeout = 0');
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (!isBusy(error)) throw withRemedy(error, path);
    const message = `the collection '${name}' is being changed by another process; wait until it is done, or end it`;
    throw new CollectionBusyError(message, { cause: error });
  }
  let held = true;
  return {
    async release() {
      if (!held) return;
      held = false;
      connection.exec('ROLLBACK');
      connection.close();
    },
  };
}
