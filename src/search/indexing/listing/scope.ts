import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { messageOf } from '../../../data/samples/badRead.ts';
import { pathRemedy } from '../../../input/pathRemedy.ts';

/** What one call looks at: folders with all below them, and single files. Absolute paths, no folder inside another. */
export interface Scope {
  readonly folders: readonly string[];
  /** The folders that were named, which `exclude` begins from: the same ones, or some above them. */
  readonly roots: readonly string[];
  readonly files: readonly string[];
}

/** A folder's path as the beginning of those of its files. */
export const asPrefix = (folder: string): string => (folder.endsWith(sep) ? folder : folder + sep);

const isInside = (path: string, folder: string): boolean => path.startsWith(asPrefix(folder));

/** The one of some folders that a path is, or lies in. */
export const folderOf = (folders: readonly string[], path: string): string | undefined =>
  folders.find((folder) => path === folder || isInside(path, folder));

/** Whether a path is among those that a scope looks at. */
export function coverage(scope: Scope): (path: string) => boolean {
  const files = new Set(scope.files);
  return (path) => files.has(path) || folderOf(scope.folders, path) !== undefined;
}

/** A path relative to a folder, with forward slashes. */
export const within = (folder: string, path: string): string => relative(folder, path).split(sep).join('/');

/** Folders without those that lie in another one of them. */
export const outermost = (folders: readonly string[]): string[] =>
  [...new Set(folders)].filter((folder, _, all) => !all.some((other) => isInside(folder, other)));

async function look(path: string): Promise<Stats> {
  try {
    const found = await stat(path);
    // A folder that is there and may not be read must not pass for one that has become empty.
    if (found.isDirectory()) await readdir(path);
    return found;
  } catch (cause) {
    throw new Error(
      `${path}: can't be read (${messageOf(cause)}): ${pathRemedy(path)}. Nothing was changed.`,
      { cause },
    );
  }
}

/**
 * The scope that paths name.
 * @throws Error naming a path that is absent, can't be read, or is neither a folder nor a file
 */
export async function scopeOf(paths: readonly string[]): Promise<Scope> {
  const folders: string[] = [];
  const files: string[] = [];
  for (const path of paths.map((one) => resolve(one))) {
    const found = await look(path);
    if (found.isDirectory()) folders.push(path);
    else if (found.isFile()) files.push(path);
    else throw new Error(`${path}: is neither a folder nor a file. Nothing was changed.`);
  }
  const roots = outermost(folders);
  return { folders: roots, roots, files: [...new Set(files)] };
}
