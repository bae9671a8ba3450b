import { realpath, stat } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { StoredFile } from '../../collection/collection.ts';
import { excluding } from './exclude.ts';
import { folderOf, type Scope, within } from './scope.ts';

/** The name that a file has on the disk, where that is another way to write the one in its path. */
const isRespelled = (path: string): Promise<boolean> =>
  new Promise((resolve) =>
    realpath.native(path, (error, real) => {
      const [own, there] = [basename(path), error ? '' : basename(real)];
      resolve(own !== there && own.toLowerCase() === there.toLowerCase());
    }),
  );

/** Whether a path is surely no longer there: what may not be looked at may be there. */
const isGone = (path: string): Promise<boolean> =>
  new Promise((resolve) =>
    stat(path, (error) => {
      if (!error) resolve(isRespelled(path));
      else resolve(error.code === 'ENOENT' || error.code === 'ENOTDIR');
    }),
  );

/**
 * Those of the known paths that a listing lacks which are gone, or left out now. The others are there: hidden, below a link
 * to a folder, or of a kind that these options do not read; they stay.
 */
export async function missingOf(
  unlisted: readonly StoredFile[],
  scope: Scope,
  exclude: readonly string[],
): Promise<StoredFile[]> {
  const isExcluded = excluding(exclude);
  const missing: StoredFile[] = [];
  for (const file of unlisted) {
    const root = folderOf(scope.roots, file.path);
    const left = root !== undefined && isExcluded(within(root, file.path));
    if (left || (await isGone(file.path))) missing.push(file);
  }
  return missing;
}

/** A folder that is there and has nothing in it, where a collection knows files. */
export interface EmptiedFolder {
  readonly path: string;
  readonly files: number;
}

/** Why what was known of a folder is kept although there is nothing in it, for people. */
export const emptiedText = ({ path, files }: EmptiedFolder): string =>
  `${path} is empty, where ${files} files were known: they are kept, as a drive may not be mounted`;

/** Files of a folder from which on its being empty needs a word. */
const MANY = 20;

/** The folder on the way to a path that is there, and whether it has nothing in it. */
async function nearest(path: string): Promise<{ readonly folder: string; readonly isEmpty: boolean }> {
  const folder = dirname(path);
  try {
    return { folder, isEmpty: (await readdir(folder)).length === 0 };
  } catch {
    if (folder === path) return { folder, isEmpty: false };
    return nearest(folder);
  }
}

/**
 * Sets apart those of missing files that lay in a folder which now has nothing at all in it, as that of a drive which is not
 * mounted: all of a scope's own folder, and many of a folder below.
 */
export async function apartEmptied(
  missing: readonly StoredFile[],
  { roots }: Scope,
): Promise<{ readonly gone: StoredFile[]; readonly emptied: EmptiedFolder[] }> {
  const found = new Map<string, Awaited<ReturnType<typeof nearest>>>();
  const byFolder = new Map<string, StoredFile[]>();
  const gone: StoredFile[] = [];
  for (const file of missing) {
    const own = dirname(file.path);
    const { folder, isEmpty } = found.get(own) ?? (await nearest(file.path));
    found.set(own, { folder, isEmpty });
    const together = isEmpty ? (byFolder.get(folder) ?? []) : gone;
    together.push(file);
    if (isEmpty) byFolder.set(folder, together);
  }
  const emptied: EmptiedFolder[] = [];
  for (const [path, files] of byFolder) {
    if (files.length >= MANY || roots.includes(path)) emptied.push({ path, files: files.length });
    else for (const file of files) gone.push(file);
  }
  return { gone, emptied };
}
