import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isFolder } from '../../../checkpoint/files/stats.ts';
import { extensionOf } from '../../../input/image/decode/imageFormat.ts';
import { pathRemedy } from '../../../input/pathRemedy.ts';
import { badRead, messageOf } from '../../samples/badRead.ts';
import type { BadSample } from '../../samples/sample.ts';

/** Files of a folder that a command leaves out, counted. */
export interface Skipped {
  /** By the ending of their names; `''` for files without one. */
  readonly extensions: Readonly<Record<string, number>>;
  /** Files and folders whose names begin with a dot. */
  readonly hidden: number;
  /** Links to folders: they may lead in circles. */
  readonly folderLinks: number;
  /** Links to files that lead out of the folder, where they are left out for that. */
  readonly outsideLinks?: number;
}

export interface FolderListing {
  /** Paths relative to the folder, with forward slashes, in one fixed order. */
  readonly files: readonly string[];
  readonly hidden: number;
  readonly folderLinks: number;
  /** Those of the files that are links. */
  readonly links?: readonly string[];
  /** Folders below that can't be read. */
  readonly bad: readonly BadSample[];
}

/**
 * All files below a folder: the one lister of every command. Names that begin with a dot are left out; links to folders
 * are not followed (they may lead in circles), links to files are files, and so are links that lead nowhere: whoever
 * reads them says so. Both are counted.
 * @throws the operating system's error when the folder itself can't be read
 */
export async function listFolder(root: string): Promise<FolderListing> {
  const files: string[] = [];
  const links: string[] = [];
  const bad: BadSample[] = [];
  const counts = { hidden: 0, folderLinks: 0 };

  async function list(below: string): Promise<void> {
    const entries = await readdir(join(root, below), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (entry.name.startsWith('.')) counts.hidden++;
      else if (entry.isDirectory())
        await list(path).catch((error: unknown) => {
          bad.push(badRead(root, `${path}/`, 'unreadable', `${messageOf(error)}: ${pathRemedy(path)}`).bad!);
        });
      else if (entry.isSymbolicLink() && (await isFolder(join(root, path)))) counts.folderLinks++;
      else if (entry.isFile() || entry.isSymbolicLink()) {
        files.push(path);
        if (entry.isSymbolicLink()) links.push(path);
      }
    }
  }

  await list('');
  return { files, ...counts, links, bad };
}

/** Counts what a listing has beside the files that are used. */
export function skippedOf(listing: FolderListing, isUsed: (path: string) => boolean): Skipped {
  const extensions: Record<string, number> = {};
  for (const path of listing.files) {
    if (isUsed(path)) continue;
    const extension = extensionOf(path);
    extensions[extension] = (extensions[extension] ?? 0) + 1;
  }
  return { extensions, hidden: listing.hidden, folderLinks: listing.folderLinks };
}

/** The sums of several counts. */
export function addSkipped(all: readonly Skipped[]): Skipped {
  const extensions: Record<string, number> = {};
  for (const one of all)
    for (const [extension, count] of Object.entries(one.extensions))
      extensions[extension] = (extensions[extension] ?? 0) + count;
  const sum = (field: 'hidden' | 'folderLinks') => all.reduce((total, one) => total + one[field], 0);
  const outsideLinks = all.reduce((total, one) => total + (one.outsideLinks ?? 0), 0);
  return {
    extensions,
    hidden: sum('hidden'),
    folderLinks: sum('folderLinks'),
    ...(outsideLinks > 0 && { outsideLinks }),
  };
}

const counted = (count: number, what: string): string[] => (count > 0 ? [`${count} ${what}`] : []);

/** `12 .txt, 1 hidden`, most first; empty when nothing was left out. */
export function skippedText({ extensions, hidden, folderLinks, outsideLinks = 0 }: Skipped): string {
  const kinds = Object.entries(extensions).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return [
    ...kinds.map(([extension, count]) => `${count} ${extension ? `.${extension}` : 'without an ending'}`),
    ...counted(hidden, 'hidden'),
    ...counted(folderLinks, folderLinks === 1 ? 'link to a folder' : 'links to folders'),
    ...counted(outsideLinks, outsideLinks === 1 ? 'link out of the folder' : 'links out of the folder'),
  ].join(', ');
}
