import { resolve, sep } from 'node:path';

/**
 * The order in which collections give paths: by code point, which is also that of their UTF-8 bytes, as databases compare
 * them. (`<` compares code units: it has emoji before some signs that come earlier.)
 */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates, 0xd800 … 0xdfff, stand for code points beyond all that one code unit can be. */
const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);

/** The paths that a folder filter means. */
export interface FolderRange {
  /** The path itself, where it is a file. */
  readonly path: string;
  /** All paths in the folder begin so … */
  readonly from: string;
  /** … and, in the order of paths, are before this. */
  readonly before: string;
}

/** @param folder absolute path of a folder or a file */
export function folderRange(folder: string): FolderRange {
  const path = resolve(folder);
  const from = path.endsWith(sep) ? path : path + sep;
  return { path, from, before: from.slice(0, -1) + String.fromCharCode(sep.charCodeAt(0) + 1) };
}
