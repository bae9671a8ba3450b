import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DECODER_FILES } from './decoder.ts';
import { CheckpointError, firstIssue, quote } from './errors.ts';
import {
  blobPath,
  isCommit,
  linkBlob,
  missingFiles,
  readRef,
  shardsOf,
  snapshotPath,
  writeRef,
} from './hub-cache.ts';
import { transferFile } from './hub-transfer.ts';
import { writingToCache } from './writingToCache.ts';

export interface DownloadProgress {
  /** File within the repository. */
  readonly file: string;
  /** Bytes of it that are on disk, and its size. */
  readonly received: number;
  readonly total: number;
}

export interface ResolveOptions {
  /** Default: that of Python's huggingface_hub (`HF_HUB_CACHE`, `HF_HOME`, `~/.cache/huggingface/hub`). */
  readonly cacheDir?: string;
  /** Branch, tag or commit; default `main`. */
  readonly revision?: string;
  /** Use only what the cache has. Default: `HF_HUB_OFFLINE`. */
  readonly offline?: boolean;
  /** Default: `HF_ENDPOINT`, or the public hub. */
  readonly hubUrl?: string;
  /** Access token for gated and private models; default `HF_TOKEN`. */
  readonly token?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Further attempts for a file whose transfer breaks; default 4. */
  readonly retries?: number;
}

/** Options with their defaults, for one model. */
interface Request {
  readonly name: string;
  readonly revision: string;
  readonly hubUrl: string;
  readonly token: string | undefined;
  /** The model's folder in the cache. */
  readonly repo: string;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly retries: number;
}

interface RemoteFile {
  readonly path: string;
  readonly size: number;
  readonly etag: string;
}

const SETTINGS = [
  'config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
];
const WEIGHTS = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

const isModelName = (name: string): boolean => /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(name);
const isRevision = (revision: string): boolean => /^\w[\w./-]*$/.test(revision) && !revision.includes('..');
const isDirectory = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
const isTrue = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? '');

const statusSchema = z.object({ statusCode: z.number() });
const statusOf = (error: unknown): number | undefined => statusSchema.safeParse(error).data?.statusCode;

/**
 * What is wrong with an answer that came but is not the hub's, such as the login page of a network; undefined when the
 * connection failed, for which `fetch` always names a cause.
 */
function oddity(error: unknown): string | undefined {
  if (error instanceof z.ZodError) return firstIssue(error, 'the answer');
  if (error instanceof SyntaxError) return 'not JSON';
  return error instanceof TypeError && error.cause === undefined ? error.message : undefined;
}

/** Turns a failed question to the hub into one sentence that says what to do. */
function explain(error: unknown, { name, revision, hubUrl }: Request): CheckpointError {
  if (error instanceof CheckpointError) return error;
  const options = { cause: error };
  const status = statusOf(error);
  if (status === 401 || status === 403) {
    const advice = `check the name, or for a gated or private model accept its terms at ${hubUrl}/${name} and set HF_TOKEN`;
    return new CheckpointError(name, `does not exist or may not be read (${status}); ${advice}`, options);
  }
  if (status === 404) {
    return new CheckpointError(
      name,
      `no such model or revision ${quote(revision)} on ${hubUrl}; check the name`,
      options,
    );
  }
  if (status !== undefined)
    return new CheckpointError(name, `${hubUrl} answered ${status}; try again later`, options);
  const odd = oddity(error);
  if (odd !== undefined) {
    const advice =
      'check that HF_ENDPOINT names a hub and that no proxy answers for it, or name a local directory';
    return new CheckpointError(name, `${hubUrl} gave an unexpected answer (${odd}); ${advice}`, options);
  }
  const advice = 'check the network, or name a local directory';
  return new CheckpointError(
    name,
    `${hubUrl} cannot be reached and no complete copy is cached; ${advice}`,
    options,
  );
}

const commitSchema = z.object({ sha: z.string().refine(isCommit) });
const fileSchema = z.object({
  path: z.string(),
  size: z.int().min(0),
  // The etag becomes a file name: hexadecimal only.
  oid: z.string().regex(/^[0-9a-f]{40}$/),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(0) }).optional(),
});

/** The commit a revision stands at, and the files at its top level. */
async function listRemote(request: Request): Promise<{ commit: string; files: Map<string, RemoteFile> }> {
  const { listFiles, modelInfo } = await import('@huggingface/hub');
  const { name, hubUrl, revision } = request;
  if (request.token && !request.token.startsWith('hf_'))
    throw new CheckpointError(name, 'the access token does not begin with "hf_"; correct or unset HF_TOKEN');
  const shared = { hubUrl, ...(request.token !== undefined && { accessToken: request.token }) };
  const info = await modelInfo({ ...shared, name, revision, additionalFields: ['sha'] });
  const { sha: commit } = commitSchema.parse(info);
  const files = new Map<string, RemoteFile>();
  for await (const entry of listFiles({ ...shared, repo: name, revision: commit })) {
    if (entry.type !== 'file') continue;
    const { path, size, oid, lfs } = fileSchema.parse(entry);
    files.set(path, { path, size: lfs?.size ?? size, etag: lfs?.oid ?? oid });
  }
  return { commit, files };
}

/** Puts one file into the snapshot, fetching its content unless the cache has it. */
async function fetchFile(request: Request, commit: string, file: RemoteFile): Promise<void> {
  const { repo, name, hubUrl, token, onProgress, retries } = request;
  const pointer = join(snapshotPath(repo, commit), file.path);
  const report = (received: number) => onProgress({ file: file.path, received, total: file.size });
  if (existsSync(pointer)) return report(file.size);
  const target = blobPath(repo, file.etag);
  if (!existsSync(target)) {
    await transferFile({
      name: `${name}/${file.path}`,
      url: `${hubUrl}/${name}/resolve/${commit}/${file.path}`,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      size: file.size,
      etag: file.etag,
      target,
      onBytes: report,
      retries,
    }).catch((error: unknown) => {
      throw statusOf(error) === undefined ? error : explain(error, request);
    });
  }
  await writingToCache(pointer, () => linkBlob(target, pointer));
  report(file.size);
}

/** Fetches settings first and weights last, so that a wrong kind of model is found before gigabytes arrive. */
async function fetchSnapshot(
  request: Request,
  commit: string,
  files: ReadonlyMap<string, RemoteFile>,
): Promise<string> {
  const { name, repo } = request;
  const snapshot = snapshotPath(repo, commit);
  const fetchNamed = async (path: string): Promise<void> => {
    const file = files.get(path);
    if (!file)
      throw new CheckpointError(
        name,
        `has no ${quote(path)}; name a SigLIP 2 model with safetensors weights`,
      );
    await fetchFile(request, commit, file);
  };
  const weights = files.has(WEIGHTS) || !files.has(INDEX) ? WEIGHTS : INDEX;
  if (!files.has(weights)) await fetchNamed(weights);
  await fetchNamed('config.json');
  for (const path of SETTINGS.slice(1)) if (files.has(path)) await fetchNamed(path);
  // Before the model's weights, whose presence says that a snapshot is complete.
  if (DECODER_FILES.every((path) => files.has(path)))
    for (const path of DECODER_FILES) await fetchNamed(path);
  await fetchNamed(weights);
  if (weights === INDEX) for (const shard of await shardsOf(join(snapshot, INDEX))) await fetchNamed(shard);
  await writingToCache(repo, () => writeRef(repo, request.revision, commit));
  return snapshot;
}

/** The cached snapshot of a revision, where it is complete. */
async function cached({ repo, revision }: Request): Promise<{ snapshot?: string; missing: string[] }> {
  const commit = await readRef(repo, revision);
  if (commit === undefined) return { missing: [] };
  const snapshot = snapshotPath(repo, commit);
  const missing = await missingFiles(snapshot);
  return missing.length === 0 ? { snapshot, missing } : { missing };
}

async function resolveOffline(request: Request): Promise<string> {
  const { snapshot, missing } = await cached(request);
  if (snapshot !== undefined) return snapshot;
  const found =
    missing.length > 0 ? `lacks ${missing.join(', ')}` : `has no copy of revision ${request.revision}`;
  const advice = 'fetch the model once while online (unset HF_HUB_OFFLINE), or name a local directory';
  throw new CheckpointError(request.name, `offline, and the cache (${request.repo}) ${found}; ${advice}`);
}

async function resolveOnline(request: Request): Promise<string> {
  const { snapshot } = await cached(request);
  // A commit never changes: nothing to ask.
  if (snapshot !== undefined && isCommit(request.revision)) return snapshot;
  const remote = await listRemote(request).catch((error: unknown) => {
    // Python's library, too, falls back on the cache when the hub cannot be reached.
    if (statusOf(error) === undefined && snapshot !== undefined) return undefined;
    throw explain(error, request);
  });
  return remote ? fetchSnapshot(request, remote.commit, remote.files) : snapshot!;
}

async function requestFor(name: string, options: ResolveOptions): Promise<Request> {
  const { getHFHubCachePath, getRepoFolderName, HUB_URL } = await import('@huggingface/hub');
  const cacheDir = options.cacheDir ?? getHFHubCachePath();
  return {
    name,
    revision: options.revision ?? 'main',
    hubUrl: (options.hubUrl ?? process.env['HF_ENDPOINT'] ?? HUB_URL).replace(/\/+$/, ''),
    token: options.token ?? process.env['HF_TOKEN'],
    repo: join(cacheDir, getRepoFolderName({ type: 'model', name })),
    onProgress: options.onProgress ?? (() => {}),
    retries: options.retries ?? 4,
  };
}

/**
 * The local directory of a model, given as a directory or as a name on the Hugging Face hub (`owner/name`). Only the
 * files that {@link openModelDirectory} needs are fetched, and a decoder's where the model has one, into the cache that
 * Python's huggingface_hub uses; broken transfers continue where they stopped, and every file is checked against its
 * hash.
 * @throws CheckpointError when the model does not exist, may not be read, or cannot be fetched; it says what to do.
 */
export async function resolveModel(nameOrDirectory: string, options: ResolveOptions = {}): Promise<string> {
  if (await isDirectory(nameOrDirectory)) return nameOrDirectory;
  if (!isModelName(nameOrDirectory)) {
    const remedy = 'name a directory, or a model on the hub such as google/siglip2-base-patch16-naflex';
    throw new CheckpointError(nameOrDirectory, `no such directory, and not the name of a model; ${remedy}`);
  }
  if (options.revision !== undefined && !isRevision(options.revision)) {
    throw new CheckpointError(
      nameOrDirectory,
      `${quote(options.revision)} is not a branch, tag or commit; name one such as main`,
    );
  }
  const request = await requestFor(nameOrDirectory, options);
  const offline = options.offline ?? isTrue(process.env['HF_HUB_OFFLINE']);
  return offline ? resolveOffline(request) : resolveOnline(request);
}
