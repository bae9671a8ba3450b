import { createScan, type Scan } from '../../scan/scan.ts';
import { openScan, saveScan } from '../../scan/scanFile.ts';
import { changesAfter, countChanges, hasChange, lastChange } from './database/changeLog.ts';
import type { Connection } from './drivers/connection.ts';
import { toVectors, vectorRows, vectorsAfter } from './reads.ts';

/** Rows that are read in one turn of the event loop. */
const PIECE = 500;

interface ModelScanOptions {
  /** Reads one state of the database; others have their turn before it. */
  readonly read: Read;
  readonly model: number;
  readonly width: number;
  /** The sidecar file. */
  readonly path: string;
  /** Names the model's vectors: a sidecar of others is not opened. */
  readonly identity: string;
}

export type Read = <T>(action: (connection: Connection) => T) => Promise<T>;

/** A scan of one model's vectors that follows the database. */
export interface ModelScan {
  /** As of the last entry of the change log, whoever wrote it. */
  current(): Promise<Scan>;
  /** Entry of the log as of which the sidecar is; 0 where there is none that is right. */
  readonly saved: number;
  /** Entries of the log since then. */
  behind(): Promise<number>;
  /** Saves the scan as it is now as the sidecar. @returns false where it has changed meanwhile */
  save(): Promise<boolean>;
}

const isKnown = (connection: Connection, version: number): boolean =>
  version === 0 || hasChange(connection, version);

export function createModelScan({ read, model, width, path, identity }: ModelScanOptions): ModelScan {
  let scan: Scan | undefined;
  let saved = 0;
  /** Who asks waits for those who asked before. */
  let queue: Promise<unknown> = Promise.resolve();

  async function open(): Promise<Scan> {
    const found = await openScan(path, { model: identity, width });
    if (!found || !(await read((connection) => isKnown(connection, found.version)))) return rebuild();
    saved = found.version;
    return found;
  }

  async function rebuild(): Promise<Scan> {
    const made = createScan(width);
    // What is written meanwhile comes after this entry.
    made.version = await read(lastChange);
    for (let after = 0; ; ) {
      const limits = { after, limit: PIECE };
      const { ids, vectors } = await read((connection) =>
        toVectors(vectorsAfter(connection, model, limits), width),
      );
      if (ids.length === 0) return made;
      made.set(ids, vectors);
      after = ids.at(-1)!;
    }
  }

  /**
   * Takes what the next entries of the log name as it is now: where it changes again, a later entry names it again.
   * @returns whether there may be more; undefined where the log does not reach back so far
   */
  async function step(own: Scan): Promise<boolean | undefined> {
    const next = await read((connection) => {
      if (!isKnown(connection, own.version)) return undefined;
      const { end, pictures } = changesAfter(connection, own.version, model, PIECE);
      return { end, pictures, found: toVectors(vectorRows(connection, model, pictures), width) };
    });
    if (!next) return undefined;
    const there = new Set(next.found.ids);
    const gone = next.pictures.filter((id) => !there.has(id));
    if (gone.length > 0) own.remove(gone);
    if (there.size > 0) own.set(next.found.ids, next.found.vectors);
    const isMore = next.end !== own.version;
    own.version = next.end;
    return isMore;
  }

  async function bringUpToDate(): Promise<Scan> {
    for (;;) {
      scan ??= await open();
      const isMore = await step(scan);
      if (isMore === false) return scan;
      if (isMore === undefined) scan = undefined;
    }
  }

  function current(): Promise<Scan> {
    const result = queue.then(bringUpToDate);
    queue = result.catch(() => undefined);
    return result;
  }

  return {
    current,
    get saved() {
      return saved;
    },
    behind: () => read((connection) => countChanges(connection, saved)),
    async save() {
      const own = await current();
      const { version } = own;
      if (version === saved) return true;
      if (!(await saveScan(path, own, identity))) return false;
      saved = version;
      return true;
    },
  };
}
