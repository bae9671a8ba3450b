import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { badRead, messageOf } from '../../../data/samples/badRead.ts';
import type { BadSample } from '../../../data/samples/sample.ts';
import {
  addSkipped,
  type FolderListing,
  listFolder,
  type Skipped,
  skippedOf,
} from '../../../data/sources/folder/listFolder.ts';
import { comparePaths } from '../../collection/paths.ts';
import { excluding } from './exclude.ts';
import { asPrefix, folderOf, type Scope, within } from './scope.ts';

export interface ListRules {
  /** Whether a file is read, by its name. */
  readonly takes: (path: string) => boolean;
  readonly exclude: readonly string[];
  /** Whether links to files outside of the folders are left out. */
  readonly insideOnly: boolean;
}

/** The files that a scope has now. */
export interface ScopeListing {
  /** Absolute, each once, in the order of `comparePaths`. */
  readonly paths: readonly string[];
  /** What was left out by its ending, and what the lister leaves out. */
  readonly skipped: Skipped;
  /** Files that `exclude` left out. */
  readonly excluded: number;
  /** Folders below that can't be read. */
  readonly bad: readonly BadSample[];
}

const NOTHING = { hidden: 0, folderLinks: 0 };

/** @throws Error naming a folder that can't be read */
async function listing(folder: string): Promise<FolderListing> {
  try {
    return await listFolder(folder);
  } catch (cause) {
    throw new Error(`${folder}: can't be read (${messageOf(cause)}). Nothing was changed.`, { cause });
  }
}

const NONE: ReadonlySet<string> = new Set();

/** Those of a folder's links to files that lead out of the folder that was named. */
async function leadingOut(folder: string, root: string, { links = [] }: FolderListing): Promise<Set<string>> {
  const inside = asPrefix(await realpath(root));
  const outside = new Set<string>();
  for (const link of links) {
    // One that leads nowhere is a bad file, and whoever reads it says so.
    const target = await realpath(join(folder, link)).catch(() => undefined);
    if (target !== undefined && !target.startsWith(inside)) outside.add(link);
  }
  return outside;
}

/** Lists a scope by the rules of `listFolder`; a file that is named itself is taken whatever its folder's rules are. */
export async function listScope(
  scope: Scope,
  { takes, exclude, insideOnly }: ListRules,
): Promise<ScopeListing> {
  const isExcluded = excluding(exclude);
  const paths = new Set<string>(scope.files.filter(takes));
  const skipped: Skipped[] = [
    skippedOf({ files: scope.files, ...NOTHING, bad: [] }, (path) => paths.has(path)),
  ];
  const bad: BadSample[] = [];
  let excluded = 0;
  for (const folder of scope.folders) {
    const found = await listing(folder);
    const below = within(folderOf(scope.roots, folder) ?? folder, folder);
    const outside = insideOnly
      ? await leadingOut(folder, folderOf(scope.roots, folder) ?? folder, found)
      : NONE;
    const inside = found.files.filter((path) => !outside.has(path));
    const files = inside.filter((path) => !isExcluded(below === '' ? path : `${below}/${path}`));
    excluded += inside.length - files.length;
    for (const path of files) if (takes(path)) paths.add(join(folder, path));
    skipped.push({ ...skippedOf({ ...found, files }, takes), outsideLinks: outside.size });
    for (const one of found.bad)
      bad.push(badRead(folder, join(folder, one.key), one.reason, one.detail).bad!);
  }
  return { paths: [...paths].sort(comparePaths), skipped: addSkipped(skipped), excluded, bad };
}
