import type { Collection, StoredFile } from '../../collection/collection.ts';
import { comparePaths } from '../../collection/paths.ts';
import { coverage, type Scope } from './scope.ts';
import { type Found, statFiles } from './statFiles.ts';

/** A file that has to be read, and what was known of its path. */
export interface Task {
  readonly path: string;
  readonly bytes: number;
  readonly modified: number;
  readonly how: string;
  readonly known?: StoredFile | undefined;
  /** It was read in part, and is to be read again: what is known of its content is no answer. */
  readonly isAgain?: boolean | undefined;
}

/** What a listing and a collection say of each other. */
export interface Comparison {
  readonly tasks: readonly Task[];
  /** Known paths of the scope that the listing lacks. */
  readonly unlisted: readonly StoredFile[];
  /** Bad files that have not changed. */
  readonly stillBad: readonly StoredFile[];
  /** Listed paths of which nothing can be known: broken links, names that are not UTF-8. */
  readonly faults: readonly Extract<Found, { fault: string }>[];
  readonly unchanged: number;
}

export interface CompareOptions {
  /** How a file would be read: `FileFacts.how`. */
  readonly howOf: (path: string) => string;
  readonly retryBad: boolean;
  /** Whether of a known file a part alone could be read. */
  readonly isPart: (known: StoredFile) => boolean;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Whether a file is as it was read; a bad one whose bytes could not be read is always tried again. */
const isUnchanged = (found: Extract<Found, { bytes: number }>, known: StoredFile, how: string): boolean =>
  known.bytes === found.bytes &&
  known.modified === found.modified &&
  known.how === how &&
  (known.bad === undefined || known.hash !== '');

/**
 * Compares what is there with what is known, in one pass over both, which are in one order. Files are looked at, none is
 * opened.
 * @param paths in the order of `comparePaths`
 * @param model whose vectors count
 */
export async function compare(
  collection: Collection,
  model: number,
  scope: Scope,
  paths: readonly string[],
  { howOf, retryBad, isPart, onProgress }: CompareOptions,
): Promise<Comparison> {
  const tasks: Task[] = [];
  const unlisted: StoredFile[] = [];
  const stillBad: StoredFile[] = [];
  const faults: Extract<Found, { fault: string }>[] = [];
  let unchanged = 0;
  const covers = coverage(scope);
  const stored = collection.files(model)[Symbol.asyncIterator]();
  let known = await stored.next();

  /** What is known of a path; those before it are not in the listing. */
  async function knownOf(path: string): Promise<StoredFile | undefined> {
    while (!known.done) {
      const order = comparePaths(known.value.path, path);
      if (order > 0) return undefined;
      const one = known.value;
      known = await stored.next();
      if (order === 0) return one;
      if (covers(one.path)) unlisted.push(one);
    }
    return undefined;
  }

  let done = 0;
  for await (const found of statFiles(paths)) {
    const { path } = found;
    const one = await knownOf(path);
    const how = howOf(path);
    const isAgain = retryBad && one !== undefined && isPart(one);
    if (found.fault !== undefined) faults.push(found);
    else if (!one || isAgain || !isUnchanged(found, one, how))
      tasks.push({ ...found, how, known: one, isAgain });
    else if (one.bad !== undefined && !retryBad) stillBad.push(one);
    else if (one.bad !== undefined || !one.embedded) tasks.push({ ...found, how, known: one });
    else unchanged++;
    done++;
    if (done % 1000 === 0) onProgress?.(done);
  }
  for (; !known.done; known = await stored.next()) if (covers(known.value.path)) unlisted.push(known.value);
  return { tasks, unlisted, stillBad, faults, unchanged };
}
