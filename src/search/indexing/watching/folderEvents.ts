import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isFolder } from '../../../checkpoint/files/stats.ts';
import { messageOf } from '../../../data/samples/badRead.ts';

/** Tells of folders in which something may have changed. What it misses, a listing now and then finds. */
export interface FolderEvents {
  close(): void;
}

export interface FolderEventsOptions {
  readonly folders: readonly string[];
  /** A folder in which something was made, changed, renamed or removed. */
  readonly onChange: (folder: string) => void;
  /** Called where the system has no more watchers to give, or has none for such folders. */
  readonly onFault: (reason: string) => void;
}

/** Systems that watch a folder with all below it by one watcher. */
const IS_RECURSIVE = process.platform === 'darwin' || process.platform === 'win32';

/** One watcher a folder that is named. */
function watchWhole({ folders, onChange, onFault }: FolderEventsOptions): FolderEvents {
  const watchers: FSWatcher[] = [];
  for (const folder of folders) {
    try {
      const watcher = watch(folder, { recursive: true }, (_, name) =>
        onChange(name === null ? folder : dirname(join(folder, name))),
      );
      watcher.on('error', (error) => onFault(messageOf(error)));
      watchers.push(watcher);
    } catch (error) {
      onFault(messageOf(error));
    }
  }
  return {
    close() {
      for (const watcher of watchers) watcher.close();
    },
  };
}

/**
 * One watcher for each folder below too: Node's own recursion has one for every file here, which uses up what the system
 * allows (and in Node 20 dies when a file goes while it looks).
 */
function watchEach({ folders, onChange, onFault }: FolderEventsOptions): FolderEvents {
  const watchers = new Map<string, FSWatcher>();
  let isClosed = false;

  function unwatch(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  /** What has a new meaning may be a new folder, a removed one, or another of the same name. */
  async function renew(path: string): Promise<void> {
    unwatch(path);
    await add(path);
    if (watchers.has(path)) onChange(path);
  }

  function start(folder: string): boolean {
    try {
      const watcher = watch(folder, (event, name) => {
        onChange(folder);
        if (event === 'rename' && name !== null && !name.startsWith('.')) void renew(join(folder, name));
      });
      watcher.on('error', () => unwatch(folder));
      watchers.set(folder, watcher);
      return true;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // A folder that has gone again needs none.
      if (code !== 'ENOENT') onFault(messageOf(error));
      return false;
    }
  }

  /** Watches a folder and those below it. */
  async function add(folder: string): Promise<void> {
    if (!(await isFolder(folder)) || isClosed || watchers.has(folder) || !start(folder)) return;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries)
      if (entry.isDirectory() && !entry.name.startsWith('.')) await add(join(folder, entry.name));
  }

  for (const folder of folders) void add(folder);
  return {
    close() {
      isClosed = true;
      for (const folder of [...watchers.keys()]) unwatch(folder);
    },
  };
}

/** Watches folders with all below them, by what each system does well. */
export const folderEvents: (options: FolderEventsOptions) => FolderEvents = IS_RECURSIVE
  ? watchWhole
  : watchEach;
