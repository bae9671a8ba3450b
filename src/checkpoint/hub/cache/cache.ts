import { existsSync } from 'node:fs';
import { copyFile, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { writeAtomic } from '../../files/atomic.ts';
import { codeOf } from '../../files/errorCode.ts';
import { endTemporary, temporaryBeside } from '../../files/leftovers.ts';
import { makeFolder } from '../../files/makeFolder.ts';
import { shardsOf } from '../../huggingFace/weights.ts';

/*
 * The cache has the layout of Python's huggingface_hub, so both share what either has fetched:
 *   models--owner--name/blobs/<etag>                 the content
 *   models--owner--name/snapshots/<commit>/<file>    a link to the content
 *   models--owner--name/refs/<branch or tag>         the commit it stood at
 *   models--owner--name/trees/<commit>.json          the files of a commit (treeCache.ts)
 *   .locks/models--owner--name/<etag>.siglip2.lock   who fetches a content now (lock.ts)
 *
 * Left over by killed writes, of no use to anyone, and removed by the next fetch (sweepCache.ts):
 *   blobs/<etag>.<8 hex>.incomplete                  Python's: it never continues one
 *   snapshots/<commit>/.<file>.….tmp                 a link before it got its name (linkBlob, leftovers.ts)
 *   refs/…/.<name>.….tmp, trees/.<name>.….tmp        (writeAtomic, leftovers.ts)
 *   refs/…/<name>.<8 hex>.tmp, trees/tmp*.tmp       Python's
 *   .locks/…/*.siglip2.lock                          where its process is gone (LOCK_SUFFIX)
 * Not left over: blobs/<etag>.incomplete, which the next run continues.
 */

/** A full commit hash, which never moves; anything else is a branch or tag. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/** `google/siglip2-base-patch16-224` → `models--google--siglip2-base-patch16-224` */
export const repoFolder = (name: string): string => `models--${name.replaceAll('/', '--')}`;

export const blobPath = (repo: string, etag: string): string => join(repo, 'blobs', etag);
export const snapshotPath = (repo: string, commit: string): string => join(repo, 'snapshots', commit);
const refPath = (repo: string, revision: string): string => join(repo, 'refs', revision);

/** The commit that a branch or tag stood at when it was last fetched. */
export async function readRef(repo: string, revision: string): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  const commit = await readFile(refPath(repo, revision), 'utf8').catch(() => '');
  return isCommit(commit.trim()) ? commit.trim() : undefined;
}

/**
 * Records where a branch or tag stands; written last, so that it never points at half a snapshot. Nothing is written
 * where it says so already: the cache may be read-only.
 */
export async function writeRef(repo: string, revision: string, commit: string): Promise<void> {
  if (isCommit(revision) || (await readFile(refPath(repo, revision), 'utf8').catch(() => '')) === commit)
    return;
  await writeAtomic(refPath(repo, revision), (file) => file.writeFile(commit));
}

/** Whether a file (or what a link leads to) is there, with as many bytes as it should have. */
export const isWhole = async (path: string, size: number): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.size === size;

/** Errors that say: this file system has no links, or this user may not make one. */
const NO_LINKS: readonly unknown[] = ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'];

export interface LinkOptions {
  /** Do not try to make a link. */
  readonly copies: boolean;
  /** The content was fetched just now, and nothing else can point to it yet. */
  readonly fresh: boolean;
  /** Called when the file system has no links. */
  readonly onNoLinks: () => void;
}

/** As Python's: a fresh content moves into the snapshot, one that others may use is copied. */
async function placeBlob(blob: string, temporary: string, { fresh }: LinkOptions): Promise<void> {
  await (fresh ? rename(blob, temporary) : copyFile(blob, temporary));
}

/**
 * Makes a snapshot's file point to its content; moves or copies it where there are no links. The file appears at once,
 * so that another process that is opening the same snapshot never misses it.
 */
export async function linkBlob(blob: string, pointer: string, options: LinkOptions): Promise<void> {
  await makeFolder(dirname(pointer));
  const temporary = temporaryBeside(pointer);
  try {
    if (options.copies) await placeBlob(blob, temporary, options);
    else
      await symlink(relative(dirname(pointer), blob), temporary).catch(async (error: unknown) => {
        if (!NO_LINKS.includes(codeOf(error))) throw error;
        options.onNoLinks();
        await placeBlob(blob, temporary, options);
      });
    await rename(temporary, pointer);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    endTemporary(temporary);
  }
}

const TAG = `Signature: 8a477f597d28d172789f06886806bc55
# This file is a cache directory tag created by huggingface_hub.
# For information about cache directory tags, see:
#	https://bford.info/cachedir/
`;

/** Marks the cache, so that backups leave it out (https://bford.info/cachedir/); best effort. */
export async function tagCache(cacheDir: string): Promise<void> {
  await writeFile(join(cacheDir, 'CACHEDIR.TAG'), TAG, { flag: 'wx' }).catch(() => undefined);
}

/** Files that a snapshot must have to be opened and does not; empty when it is complete. */
export async function missingFiles(snapshot: string): Promise<string[]> {
  const has = (file: string) => existsSync(join(snapshot, file));
  const missing = ['config.json'].filter((file) => !has(file));
  if (!has('preprocessor_config.json') && !has('processor_config.json'))
    missing.push('preprocessor_config.json');
  if (has('model.safetensors')) return missing;
  if (!has('model.safetensors.index.json')) return [...missing, 'model.safetensors'];
  const shards = await shardsOf(join(snapshot, 'model.safetensors.index.json'));
  return [...missing, ...shards.filter((file) => !has(file))];
}
