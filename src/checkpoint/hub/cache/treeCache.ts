import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../files/atomic.ts';

/** What the hub says about one file of a commit. */
export interface RemoteFile {
  readonly size: number;
  /** Its name among the cache's blobs: SHA-256 for large files, git's blob SHA-1 for small ones. */
  readonly etag: string;
}

/** The files of a commit, by path. */
export type Tree = ReadonlyMap<string, RemoteFile>;

const VERSION = 1;
const sha1 = z.string().regex(/^[0-9a-f]{40}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().min(0);

/** A file as a listing in the cache has it. The etag becomes a file name: hexadecimal only. */
export const entrySchema = z.object({
  size,
  blob_id: sha1,
  lfs_sha256: sha256.optional(),
  lfs_size: size.optional(),
  xet_hash: sha256.optional(),
});

export type TreeEntry = z.infer<typeof entrySchema>;

const treeSchema = z.object({
  format_version: z.literal(VERSION),
  files: z.record(z.string(), entrySchema),
});

/** The files behind the entries of a listing. */
export const treeOf = (entries: Readonly<Record<string, TreeEntry>>): Tree =>
  new Map(
    Object.entries(entries).map(([path, entry]) => [
      path,
      { size: entry.lfs_size ?? entry.size, etag: entry.lfs_sha256 ?? entry.blob_id },
    ]),
  );

/*
 * Python's huggingface_hub (2.x) keeps the listing of a commit, which never changes, in trees/<commit>.json. Both read
 * what the other has asked for, and both see offline which files a snapshot lacks.
 */
const treePath = (repo: string, commit: string): string => join(repo, 'trees', `${commit}.json`);

const MAX_BYTES = 64 * 2 ** 20;

/** A commit's files as they were once listed; undefined where they were not, or by another version's rules. */
export async function readTree(repo: string, commit: string): Promise<Tree | undefined> {
  const text = await readFile(treePath(repo, commit), 'utf8').catch(() => '');
  if (text.length > MAX_BYTES) return undefined;
  try {
    return treeOf(treeSchema.parse(JSON.parse(text)).files);
  } catch {
    return undefined;
  }
}

/** Keeps a listing. */
export async function writeTree(
  repo: string,
  commit: string,
  entries: Readonly<Record<string, TreeEntry>>,
): Promise<void> {
  const files = Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = JSON.stringify({ format_version: VERSION, files }, undefined, 1);
  await writeAtomic(treePath(repo, commit), (file) => file.writeFile(text));
}
