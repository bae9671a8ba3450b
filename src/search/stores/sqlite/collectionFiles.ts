import { join, resolve } from 'node:path';

/** The files of a collection, all in one folder. */
export interface CollectionFiles {
  readonly folder: string;
  /** The truth; SQLite keeps `-wal` and `-shm` beside it. */
  readonly database: string;
  /** An empty database: who has it locked may change files and pictures. */
  readonly lock: string;
  /** Copy of a model's vectors as 8-bit integers, for the scan. It can be removed at any time. */
  scan(model: number): string;
}

export const DATABASE = 'collection.sqlite';

/** What SQLite keeps beside its databases, and copies of vectors. */
const OWN = /^(?:(?:collection|lock)\.sqlite(?:-wal|-shm|-journal)?|model-\d+\.scan)$/;

/** Whether a name in a collection's folder is one of its files; others are somebody else's. */
export const isOwnFile = (name: string): boolean => OWN.test(name);

export function collectionFiles(location: string, name: string): CollectionFiles {
  const folder = resolve(location, name);
  return {
    folder,
    database: join(folder, DATABASE),
    lock: join(folder, 'lock.sqlite'),
    scan: (model) => join(folder, `model-${model}.scan`),
  };
}
