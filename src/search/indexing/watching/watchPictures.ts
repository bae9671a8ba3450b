import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFolder } from '../../../checkpoint/files/stats.ts';
import { messageOf } from '../../../data/samples/badRead.ts';
import { type Collection, CollectionBusyError, type StoredModel } from '../../collection/collection.ts';
import { indexScope } from '../indexScope.ts';
import { folderOf, outermost, type Scope, scopeOf } from '../listing/scope.ts';
import type { IndexOptions, IndexSummary, PictureEncoder } from '../options.ts';
import { createChanges } from './changes.ts';
import { type FolderEvents, folderEvents } from './folderEvents.ts';

/** What a watch is told of. */
export type WatchEvent =
  | { readonly kind: 'indexed'; readonly summary: IndexSummary }
  /** Something that a person should know; the watch goes on. */
  | { readonly kind: 'notice'; readonly text: string };

export interface WatchSettings {
  readonly collection: Collection;
  readonly encoder: PictureEncoder;
  readonly model: StoredModel;
  /** Folders. */
  readonly paths: readonly string[];
  readonly options: IndexOptions;
  readonly signal: AbortSignal;
  /** Milliseconds for which folders and files must be quiet. Default 2,000. */
  readonly quiet?: number | undefined;
  /** Milliseconds between two listings of everything, which find what was not told. Default 15 minutes. */
  readonly relist?: number | undefined;
}

const QUIET = 2000;
const RELIST = 15 * 60_000;
/** Where nothing tells of changes. */
const RELIST_BLIND = 60_000;
/** Between two looks whether a folder, or the right to change the collection, is there again. */
const RETRY = 1000;

/** The part of a scope in which folders changed: themselves, or what is left above them. */
async function partOf(scope: Scope, changed: readonly string[]): Promise<Scope | undefined> {
  const folders: string[] = [];
  for (const one of changed) {
    let folder = one;
    while (folderOf(scope.roots, folder) && !(await isFolder(folder))) folder = dirname(folder);
    if (folderOf(scope.roots, folder)) folders.push(folder);
  }
  return folders.length === 0
    ? undefined
    : { folders: outermost(folders), roots: scope.roots, files: scope.files };
}

/** Whether a folder is below a hidden one, of which nothing is taken. */
const isHidden = (root: string, folder: string): boolean => /[/\\]\./.test(folder.slice(root.length));

/**
 * Brings a collection to what folders hold, and follows them until the signal says stop. The system tells where something
 * changed, and those folders are listed; what it does not tell is found by listing everything now and then. Files that are
 * being written wait until they are quiet. A folder that goes is waited for, and nothing of it is dropped.
 */
export async function* watchPictures(settings: WatchSettings): AsyncGenerator<WatchEvent> {
  const { paths, signal, options, quiet = QUIET } = settings;
  const scope = await scopeOf(paths);
  const changes = createChanges(quiet);
  const notices: string[] = [];
  let relist = settings.relist ?? RELIST;
  let isBlind = false;

  function listen(): FolderEvents {
    return folderEvents({
      folders: scope.roots,
      onChange(folder) {
        const root = folderOf(scope.roots, folder);
        if (root !== undefined && !isHidden(root, folder)) changes.add(folder);
      },
      onFault(reason) {
        if (isBlind) return;
        isBlind = true;
        relist = Math.min(relist, RELIST_BLIND);
        notices.push(
          `the system does not tell of changes (${reason}): the folders are listed every ${relist / 1000} s`,
        );
      },
    });
  }

  /** Waits until all that was named is there. @returns whether it was not */
  async function* untilThere(): AsyncGenerator<WatchEvent, boolean> {
    for (let isMissing = false; ; isMissing = true) {
      const fault = await scopeOf(paths).then(() => undefined, messageOf);
      if (fault === undefined || signal.aborted) return isMissing;
      if (!isMissing) yield { kind: 'notice', text: `${fault} Waiting until it is there again.` };
      await sleep(RETRY, undefined, { signal }).catch(() => {});
    }
  }

  const areThere = (): Promise<boolean> =>
    scopeOf(paths).then(
      () => true,
      () => false,
    );

  async function pass(part: Scope, wait: number): Promise<IndexSummary | undefined> {
    try {
      const lock = await settings.collection.lock();
      try {
        return await indexScope({ ...settings, options: { ...options, signal }, scope: part, quiet: wait });
      } finally {
        await lock.release();
      }
    } catch (error) {
      if (error instanceof CollectionBusyError)
        notices.push('another process is changing the collection: waiting for it');
      // A folder that went meanwhile is waited for.
      else if (await areThere()) throw error;
      return undefined;
    }
  }

  let events = listen();
  try {
    let next: Scope | undefined = scope;
    let wholeAt = Date.now();
    while (!signal.aborted) {
      if (yield* untilThere()) {
        events.close();
        events = listen();
        next = scope;
      }
      if (next && !signal.aborted) {
        if (next === scope) wholeAt = Date.now();
        const summary: IndexSummary | undefined = await pass(next, quiet);
        if (!summary) await sleep(RETRY, undefined, { signal }).catch(() => {});
        if (!summary || summary.files.later > 0) for (const folder of next.folders) changes.add(folder);
        if (summary) yield { kind: 'indexed', summary };
      }
      for (const text of notices.splice(0)) yield { kind: 'notice', text };
      const changed = await changes.next(Math.max(0, wholeAt + relist - Date.now()), signal);
      next =
        changed.length > 0
          ? await partOf(scope, changed)
          : Date.now() - wholeAt >= relist
            ? scope
            : undefined;
    }
  } finally {
    events.close();
  }
}
