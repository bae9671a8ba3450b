import { join } from 'node:path';
import { quote } from '../files/errors.ts';
import { DECODER_FILES } from '../huggingFace/decoder.ts';
import { shardsOf } from '../huggingFace/weights.ts';
import { isWhole, missingFiles, snapshotPath } from './cache/cache.ts';
import { type RemoteFile, readTree, type Tree } from './cache/treeCache.ts';
import { HubError } from './hubError.ts';
import type { HubRequest } from './options.ts';

const SETTINGS = [
  'preprocessor_config.json',
  'processor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
];
const CONFIG = 'config.json';
const WEIGHTS = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';

/** A settings file larger than this could not be read again (see `readJson`). */
const MAX_SETTINGS = 64 * 2 ** 20;

export type NeededFile = readonly [path: string, file: RemoteFile];

/** A file of the listing. @throws HubError when the model lacks it, or it is too large for what it is. */
function needed(name: string, path: string, tree: Tree): NeededFile {
  const file = tree.get(path);
  if (!file) {
    const fault = `has no ${quote(path)}`;
    throw new HubError('entry', name, `${fault}; name a SigLIP 2 model with safetensors weights`);
  }
  if (path.endsWith('.json') && file.size > MAX_SETTINGS) {
    const fault = `has a ${quote(path)} of ${file.size} bytes, more than the limit of ${MAX_SETTINGS}`;
    throw new HubError('content', name, `${fault}; name another model`);
  }
  return [path, file];
}

/**
 * The files to fetch that a listing can tell, settings first and weights last, so that a wrong kind of model is found
 * before gigabytes arrive. With an index for weights, its shards follow ({@link shardFiles}).
 * @throws HubError when the model lacks configuration or weights.
 */
export function neededFiles(name: string, tree: Tree): NeededFile[] {
  const weights = tree.has(WEIGHTS) || !tree.has(INDEX) ? WEIGHTS : INDEX;
  const last = needed(name, weights, tree);
  const settings = [CONFIG, ...SETTINGS.filter((path) => tree.has(path))];
  // Before the model's weights, whose presence says that a snapshot is complete.
  const decoder = DECODER_FILES.every((path) => tree.has(path)) ? DECODER_FILES : [];
  return [...[...settings, ...decoder].map((path) => needed(name, path, tree)), last];
}

/** The weight files that a fetched index names. @throws CheckpointError when it names a file that is not beside it. */
export const shardFiles = async (name: string, snapshot: string, tree: Tree): Promise<NeededFile[]> =>
  (await shardsOf(join(snapshot, INDEX))).map((path) => needed(name, path, tree));

/** What a snapshot lacks; empty when it is complete. By the listing where one is known, which tells every file. */
async function lacking(name: string, snapshot: string, tree: Tree | undefined): Promise<string[]> {
  if (!tree) return missingFiles(snapshot);
  const absent = async (files: readonly NeededFile[]): Promise<string[]> => {
    const found = await Promise.all(files.map(([path, { size }]) => isWhole(join(snapshot, path), size)));
    return files.flatMap(([path], i) => (found[i] ? [] : [path]));
  };
  const files = neededFiles(name, tree);
  const missing = await absent(files);
  const sharded = files.at(-1)?.[0] === INDEX && !missing.includes(INDEX);
  return sharded ? [...missing, ...(await absent(await shardFiles(name, snapshot, tree)))] : missing;
}

export interface CachedSnapshot {
  readonly snapshot: string;
  readonly commit: string;
  /** Names of needed files that it lacks. */
  readonly missing: readonly string[];
}

/** What the cache has of a commit. */
export async function cachedSnapshot({ name, repo }: HubRequest, commit: string): Promise<CachedSnapshot> {
  const snapshot = snapshotPath(repo, commit);
  return { snapshot, commit, missing: await lacking(name, snapshot, await readTree(repo, commit)) };
}
