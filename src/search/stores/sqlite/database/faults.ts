import { FileWriteError } from '../../../../checkpoint/files/diskFault.ts';
import { SqliteError } from '../drivers/connection.ts';

/** Result codes of SQLite that have a meaning here: https://www.sqlite.org/rescode.html */
const CODES = {
  permission: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  disk: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

const codeOf = (error: unknown): number | undefined =>
  error instanceof SqliteError ? error.code : undefined;

/** Whether another connection has what is needed: it may be free soon. */
export const isBusy = (error: unknown): boolean =>
  codeOf(error) === CODES.busy || codeOf(error) === CODES.locked;

/** An error of SQLite as one that names the file and says what to do; any other error as it is. */
export function withRemedy(error: unknown, path: string): unknown {
  const message = error instanceof Error ? error.message : String(error);
  const make = (fault: string) => new Error(`${path} ${fault}`, { cause: error });
  switch (codeOf(error)) {
    case CODES.busy:
    case CODES.locked:
      return make(
        'is busy: another process has been writing to it for long; wait until it is done, or end it',
      );
    case CODES.corrupt:
    case CODES.notADatabase:
      return make(
        `is damaged (${message}); put it back from a copy, or remove the collection (siglip2 collections --delete NAME) and index the pictures again`,
      );
    case CODES.full:
      return new FileWriteError(`${path} cannot be written (the disk is full); free some space`, {
        cause: error,
      });
    case CODES.permission:
    case CODES.readOnly:
    case CODES.cannotOpen:
      return make(
        `cannot be opened (${message}); a collection must be writable, also to search: check the permissions of its folder and files, and what is mounted`,
      );
    case CODES.disk:
      return make(`cannot be read or written (${message}); check the disk`);
    default:
      return error;
  }
}
