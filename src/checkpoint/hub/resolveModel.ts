import { check } from '../../tensor/settings.ts';
import { quote } from '../files/errors.ts';
import { isFolder } from '../files/stats.ts';
import { isCommit, readRef } from './cache/cache.ts';
import { readTree, type Tree, treeOf, writeTree } from './cache/treeCache.ts';
import { explain } from './explain.ts';
import { fetchSnapshot } from './fetchSnapshot.ts';
import { isModelName, isRevision } from './fileNames.ts';
import { ConnectionFailure, HttpFailure, HubError, UnexpectedAnswer } from './hubError.ts';
import { askCommit, listFiles } from './listing.ts';
import { type CachedSnapshot, cachedSnapshot } from './neededFiles.ts';
import { type HubRequest, hubRequest, type ResolveOptions, resolveSchema } from './options.ts';
import { type HubClient, hubClient } from './transfer/client.ts';

/** The files of a commit, which never change: asked for once. */
async function treeOfCommit(request: HubRequest, client: HubClient, commit: string): Promise<Tree> {
  const { repo, retries, onNotice, environment } = request;
  const known = await readTree(repo, commit);
  if (known) return known;
  const asked = { retries, onNotice, timeout: environment.etagTimeout };
  const entries = await listFiles(client, { ...request, commit }, asked);
  await writeTree(repo, commit, entries).catch((error: unknown) => {
    onNotice(`the list of files is not kept (${String(error)})`);
  });
  return treeOf(entries);
}

/** Whether a failed question is a reason to look into the cache, as it is for Python's library. */
const mayUseCache = (error: unknown): boolean =>
  error instanceof ConnectionFailure ||
  error instanceof UnexpectedAnswer ||
  (error instanceof HttpFailure && error.errorCode !== 'RevisionNotFound');

/** What the cache has of a revision, where it has anything. */
async function cached(request: HubRequest, known?: string): Promise<CachedSnapshot | undefined> {
  const commit = known ?? (await readRef(request.repo, request.revision));
  if (commit === undefined) return undefined;
  const found = await cachedSnapshot(request, commit);
  return (await isFolder(found.snapshot)) ? found : undefined;
}

/** The cached copy in place of an answer. @throws what the failed question means, where there is no whole copy. */
async function insteadOf(error: unknown, request: HubRequest, commit: string | undefined): Promise<string> {
  const explained = explain(error, request);
  if (!mayUseCache(error)) throw explained;
  const found = await cached(request, commit);
  if (found?.missing.length === 0) {
    const why = error instanceof Error ? error.message : String(error);
    const { name, revision, endpoint, onNotice } = request;
    onNotice(`${name}: ${endpoint} gave no answer to use (${why}); the cached copy of ${revision} is used`);
    return found.snapshot;
  }
  if (!found || !(error instanceof ConnectionFailure)) throw explained;
  const fault = `${request.endpoint} cannot be reached (${error.message}), and the cache lacks ${found.missing.join(', ')}`;
  const advice = 'check the network, the proxy (HTTPS_PROXY) and HF_ENDPOINT, or name a local directory';
  throw new HubError('incomplete', request.name, `${fault}; ${advice}`, { cause: error });
}

async function resolveOffline(request: HubRequest): Promise<string> {
  const found = await cached(request);
  if (found?.missing.length === 0) return found.snapshot;
  const fault = found ? `lacks ${found.missing.join(', ')}` : `has no copy of revision ${request.revision}`;
  const advice = 'fetch the model once while online (unset HF_HUB_OFFLINE), or name a local directory';
  throw new HubError(
    found ? 'incomplete' : 'notCached',
    request.name,
    `offline, and the cache (${request.repo}) ${fault}; ${advice}`,
  );
}

async function askAndFetch(request: HubRequest, client: HubClient): Promise<string> {
  const { revision, environment } = request;
  let commit = isCommit(revision) ? revision : undefined;
  let tree: Tree;
  try {
    commit ??= await askCommit(client, request, environment.etagTimeout);
    tree = await treeOfCommit(request, client, commit);
  } catch (error) {
    return insteadOf(error, request, commit);
  }
  return fetchSnapshot(request, client, commit, tree);
}

/** What work gives, or the signal's reason: a pause between two attempts is not waited for. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let giveUp = () => {};
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal?.reason);
  });
  work.catch(() => {});
  aborted.catch(() => {});
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

async function resolveOnline(request: HubRequest): Promise<string> {
  const { endpoint, token, environment, env, signal } = request;
  if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint)) {
    const fault = `the endpoint ${quote(endpoint)} is no http address`;
    throw new HubError('name', request.name, `${fault}; correct or unset HF_ENDPOINT`);
  }
  const origin = environment.userAgentOrigin === undefined ? '' : `; origin/${environment.userAgentOrigin}`;
  const userAgent = `siglip2; node/${process.versions.node}${origin}`;
  const client = hubClient({ endpoint, token: token?.value, userAgent, env, signal });
  try {
    return await untilAborted(askAndFetch(request, client), signal);
  } finally {
    await client.close();
  }
}

/**
 * The local directory of a model, given as a directory or as a name on the Hugging Face hub (`owner/name`). Only the
 * files that {@link openModelDirectory} needs are fetched, and a decoder's where the model has one, into the cache that
 * Python's huggingface_hub uses and by the settings that it reads (docs/hub.md); broken transfers continue where they
 * stopped, and every file is checked against its hash.
 * @throws HubError (a CheckpointError with its `kind`) when the model does not exist, may not be read, or cannot be
 * fetched; CheckpointError when a variable or the cache cannot be used. Both say what to do. RangeError naming the option
 * that is none.
 * @example
 * const folder = await resolveModel('google/siglip2-base-patch16-224', { cacheDir: 'models' });
 */
export async function resolveModel(nameOrDirectory: string, options: ResolveOptions = {}): Promise<string> {
  check('resolveModel', resolveSchema, options);
  if (await isFolder(nameOrDirectory)) return nameOrDirectory;
  if (!isModelName(nameOrDirectory)) {
    const remedy = 'name a directory, or a model on the hub such as google/siglip2-base-patch16-naflex';
    throw new HubError('name', nameOrDirectory, `no such directory, and not the name of a model; ${remedy}`);
  }
  if (options.revision !== undefined && !isRevision(options.revision)) {
    const fault = `${quote(options.revision)} is not a branch, tag or commit`;
    throw new HubError('name', nameOrDirectory, `${fault}; name one such as main`);
  }
  const request = await hubRequest(nameOrDirectory, options);
  return (options.offline ?? request.environment.offline) ? resolveOffline(request) : resolveOnline(request);
}
