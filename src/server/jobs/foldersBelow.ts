import { opendir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { isFolder } from '../../checkpoint/files/stats.ts';
import { wholePath } from './namedFolder.ts';

/** Folders that are offered at once. */
const MOST = 100;
/** Entries of a folder that are looked at: completing must be quick. */
const MOST_LOOKED_AT = 10_000;

/**
 * Folders whose path begins so, without hidden ones unless the name begins with a dot.
 * @throws HTTPException 400 where the path does not say where it begins; a folder that cannot be read has none
 */
export async function foldersBelow(path = `~${sep}`) {
  const whole = wholePath(path);
  const isWhole = path === '~' || path.endsWith('/') || path.endsWith(sep);
  const parent = isWhole ? whole : dirname(whole);
  const beginning = isWhole ? '' : whole.slice(parent.endsWith(sep) ? parent.length : parent.length + 1);
  const found: string[] = [];
  const directory = await opendir(parent).catch(() => undefined);
  let left = MOST_LOOKED_AT;
  for await (const entry of directory ?? []) {
    if (left-- === 0) break;
    const { name } = entry;
    if (!name.toLowerCase().startsWith(beginning.toLowerCase())) continue;
    if (name.startsWith('.') && !beginning.startsWith('.')) continue;
    const one = join(parent, name);
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(one)))) found.push(one);
  }
  found.sort((a, b) => (a < b ? -1 : 1));
  return { folders: found.slice(0, MOST), more: found.length > MOST || left < 0 };
}
