import { stat } from 'node:fs/promises';
import { expand } from 'brace-expansion';
import { Minimatch } from 'minimatch';
import { type FolderListing, listFolder } from '../sources/folder/listFolder.ts';

const MAGIC = /[*?[]/;

/** Whether a name is a pattern of several: with `*`, `?` or `[…]`. */
export const isGlob = (pattern: string): boolean => MAGIC.test(pattern);

/** Of minimatch, the matching alone: names that begin with a dot are the lister's matter, braces are expanded before. */
const MATCHING = { dot: true, nobrace: true, noext: true, nonegate: true, nocomment: true } as const;

/** The folder in which a glob's names begin, and the pattern of what follows. */
function splitGlob(pattern: string): { readonly base: string; readonly rest: string } {
  const parts = pattern.split('/');
  const fixed = parts.findIndex((part) => MAGIC.test(part));
  const base = parts.slice(0, fixed).join('/');
  return { base: base || (pattern.startsWith('/') ? '/' : '.'), rest: parts.slice(fixed).join('/') };
}

/**
 * The files that a glob names, below the folder in which it begins, by the rules of `listFolder` (for shells that do not
 * expand it).
 * @returns undefined where there is no such folder
 */
export async function filesMatching(
  pattern: string,
): Promise<{ readonly base: string; readonly listing: FolderListing } | undefined> {
  const { base, rest } = splitGlob(pattern.replace(/^\.\//, ''));
  const found = await stat(base).catch(() => undefined);
  if (!found?.isDirectory()) return undefined;
  const glob = new Minimatch(rest, MATCHING);
  const listing = await listFolder(base);
  return { base, listing: { ...listing, files: listing.files.filter((path) => glob.match(path)) } };
}

/** A pattern's alternatives: `a{1..3}.tar` is three. What has no braces, or exists as it is, is one. */
export async function alternatives(pattern: string): Promise<string[]> {
  if (!pattern.includes('{') || (await stat(pattern).catch(() => undefined))) return [pattern];
  return expand(pattern);
}
