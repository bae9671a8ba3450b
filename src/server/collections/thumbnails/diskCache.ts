import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Small files under keys, of which the ones that nobody asked for the longest are dropped. */
export interface DiskCache {
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Never throws: what cannot be kept is made again. */
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** So much of what may be kept is left when the rest is dropped. */
const KEPT = 0.8;
/** A file that is read says so by its time, but not at each reading. */
const FRESH_MS = 24 * 60 * 60 * 1000;

interface Kept {
  readonly path: string;
  readonly bytes: number;
  readonly used: number;
}

async function filesIn(folder: string): Promise<Kept[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const kept = await Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const found = await stat(path).catch(() => undefined);
      return found && { path, bytes: found.size, used: found.mtimeMs };
    }),
  );
  return kept.filter((one) => one !== undefined);
}

/**
 * A cache in a folder, which is made when something is first kept. Only its user can read it.
 * @param mostBytes of all files together
 * @param log receives once why nothing can be kept
 */
export function createDiskCache(folder: string, mostBytes: number, log: (line: string) => void): DiskCache {
  const pathOf = (key: string) => join(folder, key.slice(0, 2), `${key.slice(2)}.webp`);
  let bytes: number | undefined;
  let sweeping: Promise<void> | undefined;
  let isSilent = false;
  let written = 0;

  async function sweep(): Promise<void> {
    const files = (await filesIn(folder)).sort((a, b) => b.used - a.used);
    let sum = 0;
    const most =
      files.reduce((total, one) => total + one.bytes, 0) > mostBytes ? KEPT * mostBytes : mostBytes;
    bytes = 0;
    for (const file of files) {
      sum += file.bytes;
      if (sum <= most) bytes += file.bytes;
      else await rm(file.path, { force: true });
    }
  }

  function makeRoom(): Promise<void> {
    sweeping ??= sweep().finally(() => {
      sweeping = undefined;
    });
    return sweeping;
  }

  async function write(path: string, content: Uint8Array): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Not flushed to the disk as other files are: a cache may lose what was written last.
    const temporary = `${path}.${process.pid}.${written++}`;
    try {
      await writeFile(temporary, content, { mode: 0o600, flag: 'wx' });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  return {
    async get(key) {
      const path = pathOf(key);
      const found = await readFile(path).catch(() => undefined);
      // A disk that lost its power may have made it empty.
      if (!found || found.length === 0) return undefined;
      const now = Date.now();
      stat(path)
        .then(({ mtimeMs }) => (now - mtimeMs > FRESH_MS ? utimes(path, now / 1000, now / 1000) : undefined))
        .catch(() => {});
      return new Uint8Array(found);
    },
    async put(key, content) {
      try {
        await write(pathOf(key), content);
        if (bytes !== undefined) bytes += content.length;
        if (bytes === undefined || bytes > mostBytes) await makeRoom();
      } catch (error) {
        if (!isSilent) log(`thumbnails cannot be kept in ${folder}: ${String(error)}`);
        isSilent = true;
      }
    },
  };
}
