import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { removeLeftovers } from '../../files/leftovers.ts';
import { removeAbandonedLock } from '../../files/lock.ts';
import { LOCK_SUFFIX } from './lock.ts';

/** Python's leftovers do not say whose they were; nobody writes for so long without a change. */
const OLD = 24 * 3600 * 1000;

/** Names that Python's huggingface_hub gives while it writes, by folder. */
const PYTHONS: Readonly<Record<string, RegExp>> = {
  blobs: /\.[0-9a-f]{8}\.incomplete$/,
  refs: /\.[0-9a-f]{8}\.tmp$/,
  trees: /^tmp.*\.tmp$/,
};

/** A folder and those below it; none where it does not exist. */
async function foldersBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!entries) return [];
  const below = entries.filter((entry) => entry.isDirectory());
  return [root, ...below.map((entry) => join(entry.parentPath, entry.name))];
}

async function removeOld(folder: string, pattern: RegExp): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!pattern.test(name)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > OLD) await rm(path, { force: true });
  }
}

/**
 * Removes what killed processes left in a repository's part of the cache: nothing else would. What a running one writes
 * stays, and so does a half content that the next fetch continues. Where nothing can be removed, nothing happens.
 */
export async function sweepCache(cacheDir: string, repo: string): Promise<void> {
  for (const part of ['snapshots', 'refs', 'trees', 'blobs']) {
    const python = PYTHONS[part];
    for (const folder of await foldersBelow(join(repo, part))) {
      await removeLeftovers(folder);
      if (python) await removeOld(folder, python).catch(() => undefined);
    }
  }
  const locks = join(cacheDir, '.locks', basename(repo));
  for (const name of await readdir(locks).catch(() => []))
    if (name.endsWith(LOCK_SUFFIX)) await removeAbandonedLock(join(locks, name)).catch(() => undefined);
}
