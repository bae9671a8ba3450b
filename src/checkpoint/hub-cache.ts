import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { writeAtomic } from './atomic.ts';
import { readJson } from './json.ts';

/*
 * The cache has the layout of Python's huggingface_hub, so both share what either has fetched:
 *   models--owner--name/blobs/<etag>                 the content
 *   models--owner--name/snapshots/<commit>/<file>    a link to the content
 *   models--owner--name/refs/<branch or tag>         the commit it stood at
 */

/** A full commit hash, which never moves; anything else is a branch or tag. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

export const blobPath = (repo: string, etag: string): string => join(repo, 'blobs', etag);
export const snapshotPath = (repo: string, commit: string): string => join(repo, 'snapshots', commit);
const refPath = (repo: string, revision: string): string => join(repo, 'refs', revision);

/** The commit that a branch or tag stood at when it was last fetched. */
export async function readRef(repo: string, revision: string): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  const commit = await readFile(refPath(repo, revision), 'utf8').catch(() => '');
  return isCommit(commit.trim()) ? commit.trim() : undefined;
}

/** Records where a branch or tag stands; written last, so that it never points at half a snapshot. */
export async function writeRef(repo: string, revision: string, commit: string): Promise<void> {
  if (isCommit(revision)) return;
  await writeAtomic(refPath(repo, revision), (file) => file.writeFile(commit));
}

/**
 * Makes a snapshot's file point to its content; copies where links are not allowed (Windows). The file appears at
 * once, so that another process that is opening the same snapshot never misses it.
 */
export async function linkBlob(blob: string, pointer: string): Promise<void> {
  await mkdir(dirname(pointer), { recursive: true });
  const temporary = `${pointer}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  await symlink(relative(dirname(pointer), blob), temporary).catch(() => copyFile(blob, temporary));
  await rename(temporary, pointer);
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** Names of the weight files that a sharded index asks for. */
export async function shardsOf(index: string): Promise<string[]> {
  const parsed = indexSchema.safeParse(await readJson(index));
  return parsed.success ? [...new Set(Object.values(parsed.data.weight_map))] : [];
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
