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
import { folderOf, type Scope, within } from './scope.ts';

export interface ListRules {
  /** Whether a file is read, by its name. */
  readonly takes: (path: string) => boolean;
  readonly exclude: readonly string[];
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

/** Lists a scope by the rules of `listFolder`; a file that is named itself is taken whatever its folder's rules are. */
export async function listScope(scope: Scope, { takes, exclude }: ListRules): Promise<ScopeListing> {
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
    const files = found.files.filter((path) => !isExcluded(below === '' ? path : `${below}/${path}`));
    excluded += found.files.length - files.length;
    for (const path of files) if (takes(path)) paths.add(join(folder, path));
    skipped.push(skippedOf({ ...found, files }, takes));
    for (const one of found.bad)
      bad.push(badRead(folder, join(folder, one.key), one.reason, one.detail).bad!);
  }
  return { paths: [...paths].sort(comparePaths), skipped: addSkipped(skipped), excluded, bad };
}
