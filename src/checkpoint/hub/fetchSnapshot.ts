import { existsSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sizeOrZero } from '../files/stats.ts';
import { blobPath, isWhole, linkBlob, snapshotPath, tagCache, writeRef } from './cache/cache.ts';
import { LOCK_SUFFIX, withLock } from './cache/lock.ts';
import { sweepCache } from './cache/sweepCache.ts';
import type { Tree } from './cache/treeCache.ts';
import { writingToCache } from './cache/writingToCache.ts';
import { explain } from './explain.ts';
import { INDEX, type NeededFile, neededFiles, shardFiles } from './neededFiles.ts';
import type { HubRequest } from './options.ts';
import { type ProgressMeter, progressMeter } from './progress.ts';
import type { HubClient } from './transfer/client.ts';
import { transferFile } from './transfer/transfer.ts';

/** What the files of one snapshot share. */
interface Fetching {
  readonly request: HubRequest;
  readonly client: HubClient;
  readonly commit: string;
  readonly meter: ProgressMeter;
  readonly onNoLinks: () => void;
}

/** How much of a file is on disk, whole or as a part. */
async function presentBytes({ request, commit }: Fetching, [path, { size, etag }]: NeededFile) {
  const blob = blobPath(request.repo, etag);
  const whole = [join(snapshotPath(request.repo, commit), path), blob];
  for (const candidate of whole) if (await isWhole(candidate, size)) return size;
  return sizeOrZero(`${blob}.incomplete`);
}

/** Says when a file will not fit; it is tried nevertheless, since quotas and compression make free space a guess. */
async function checkSpace({ onNotice, repo }: HubRequest, path: string, bytes: number): Promise<void> {
  const free = await statfs(repo).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.POSITIVE_INFINITY,
  );
  if (free < bytes) onNotice(`${path} needs ${bytes} bytes more, and the disk of ${repo} has ${free} left`);
}

async function fetchContent(fetching: Fetching, [path, { size, etag }]: NeededFile): Promise<boolean> {
  const { request, client, commit, meter } = fetching;
  const { repo, cacheDir, name, endpoint, retries, onNotice, environment } = request;
  const target = blobPath(repo, etag);
  let fetched = false;
  const isDone = () => isWhole(target, size);
  const onWait = () => onNotice(`${path} is being fetched by another process; waiting for it`);
  const lock = join(cacheDir, '.locks', basename(repo), `${etag}${LOCK_SUFFIX}`);
  if (await isDone()) return fetched;
  await withLock(lock, { isDone, onWait }, async () => {
    await checkSpace(request, path, size - (await sizeOrZero(`${target}.incomplete`)));
    await transferFile({
      client,
      name: `${name}/${path}`,
      url: `${endpoint}/${name}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`,
      size,
      etag,
      target,
      onBytes: (received) => meter.reached(path, received),
      onNotice,
      retries,
      timeout: environment.downloadTimeout,
    }).catch((error: unknown) => {
      throw explain(error, request);
    });
    fetched = true;
  });
  return fetched;
}

/** Puts one file into the snapshot, fetching its content unless the cache has it. */
async function fetchFile(fetching: Fetching, file: NeededFile): Promise<void> {
  const { request, commit, meter, onNoLinks } = fetching;
  const [path, { size, etag }] = file;
  const pointer = join(snapshotPath(request.repo, commit), path);
  if (!(await isWhole(pointer, size))) {
    if (existsSync(pointer)) {
      request.onNotice(`${pointer} has not the ${size} bytes that the hub names; it is fetched again`);
      // A link's content too: it is the wrong one.
      await writingToCache(pointer, () => rm(blobPath(request.repo, etag), { force: true }));
    }
    const fresh = await fetchContent(fetching, file);
    const copies = request.environment.disableSymlinks;
    await writingToCache(pointer, () =>
      linkBlob(blobPath(request.repo, etag), pointer, { copies, fresh, onNoLinks }),
    );
  }
  meter.reached(path, size);
}

const noLinksNotice = ({ environment, onNotice, cacheDir }: HubRequest): (() => void) => {
  let said = environment.disableSymlinksWarning;
  return () => {
    if (!said)
      onNotice(
        `${cacheDir} has no symbolic links: files that several revisions share are kept several times`,
      );
    said = true;
  };
};

/**
 * Puts everything that is needed of a commit into the cache, and then records where the revision stands.
 * @returns the snapshot's folder.
 */
export async function fetchSnapshot(
  request: HubRequest,
  client: HubClient,
  commit: string,
  tree: Tree,
): Promise<string> {
  const { name, repo, revision, onNotice } = request;
  const snapshot = snapshotPath(repo, commit);
  const meter = progressMeter(request.onProgress);
  const fetching: Fetching = { request, client, commit, meter, onNoLinks: noLinksNotice(request) };
  const fetchAll = async (files: readonly NeededFile[]): Promise<void> => {
    for (const file of files) meter.expect(file[0], file[1].size, await presentBytes(fetching, file));
    for (const file of files) await fetchFile(fetching, file);
  };
  await sweepCache(request.cacheDir, repo);
  const files = neededFiles(name, tree);
  await fetchAll(files);
  if (files.at(-1)?.[0] === INDEX) await fetchAll(await shardFiles(name, snapshot, tree));
  await tagCache(request.cacheDir);
  // All is there: a cache that does not take this one note is as good, and next time the hub is asked again.
  await writeRef(repo, revision, commit).catch((error: unknown) => {
    onNotice(`${repo} does not record where ${revision} stands (${String(error)})`);
  });
  return snapshot;
}
