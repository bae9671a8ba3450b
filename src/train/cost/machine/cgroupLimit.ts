import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** Reads a small file; undefined where there is none, or it may not be read. */
export type ReadText = (path: string) => string | undefined;

export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** Where a kind of group keeps its limits, and what the file and "no limit" are called. */
interface Hierarchy {
  readonly root: string;
  readonly file: string;
  /** The process's group, from `/`. */
  readonly group: string;
}

/** Version 1 says "no limit" by a number near 2⁶³, rounded to pages. */
const UNLIMITED = 2 ** 62;

/**
 * The groups of a process that may limit its memory, from `/proc/self/cgroup`: `0::/path` for version 2,
 * `4:memory:/path` for version 1 (`man 7 cgroups`). A machine may have both.
 */
export function memoryHierarchies(cgroup: string): Hierarchy[] {
  return cgroup.split('\n').flatMap((line) => {
    const [, controllers, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || group === undefined) return [];
    if (controllers === '') return [{ root: '/sys/fs/cgroup', file: 'memory.max', group }];
    if (!controllers.split(',').includes('memory')) return [];
    return [{ root: '/sys/fs/cgroup/memory', file: 'memory.limit_in_bytes', group }];
  });
}

/** A group and those that it lies in. In a container the path may be the host's: then only the root can be read. */
function foldersUpwards({ root, group }: Hierarchy): string[] {
  const folders = [root];
  for (let path = posix.join('/', group); path !== '/'; path = posix.dirname(path))
    folders.push(posix.join(root, path));
  return folders;
}

/** @returns undefined for `max` and what is no number of bytes */
export function parseLimit(text: string | undefined): number | undefined {
  const bytes = /^\d+$/.test(text?.trim() ?? '') ? Number(text) : Number.NaN;
  return bytes < UNLIMITED ? bytes : undefined;
}

/**
 * Bytes that this process's control groups let it have, the least of all that it lies in; undefined without a limit, and
 * on other systems than Linux.
 * @param read for tests
 */
export function cgroupLimit(read: ReadText = readText): number | undefined {
  const folders = memoryHierarchies(read('/proc/self/cgroup') ?? '').flatMap((hierarchy) =>
    foldersUpwards(hierarchy).map((folder) => posix.join(folder, hierarchy.file)),
  );
  const limits = folders.flatMap((path) => parseLimit(read(path)) ?? []);
  return limits.length > 0 ? Math.min(...limits) : undefined;
}
