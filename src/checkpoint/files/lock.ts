import { randomBytes } from 'node:crypto';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { codeOf } from './errorCode.ts';
import { makeFolder } from './makeFolder.ts';
import { presenceOf, thisProcess } from './processes.ts';

/** Seconds between two signs of life of a lock's owner, and after how many without one it is taken to be gone. */
const BEAT = 5;
const GONE = 60;

const ownerSchema = z.object({
  id: z.string(),
  pid: z.int(),
  host: z.string(),
  start: z.string().optional(),
  /** When the lock was taken, ISO 8601. */
  since: z.string(),
});

/** Who has a lock. */
export type LockOwner = z.output<typeof ownerSchema>;

/** A lock that this process has. */
export interface HeldLock {
  readonly kind: 'held';
  /** Whether it still has it: a process that was suspended for long is taken to be gone. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** A lock that another has; `owner` is undefined where it has only just been taken. */
export interface ForeignLock {
  readonly kind: 'foreign';
  readonly owner: LockOwner | undefined;
}

/** Who has a lock; undefined where nobody does. */
export async function readLock(path: string): Promise<LockOwner | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Whether whoever made a lock is gone: its process is, or, where that can't be asked, it shows no life. */
async function isAbandoned(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return false;
  const owner = await readLock(path);
  const presence = owner ? presenceOf(owner) : 'unknown';
  return presence === 'unknown' ? Date.now() - found.mtimeMs > GONE * 1000 : presence === 'gone';
}

const EXISTS = 'EEXIST';
/** Makes a file that was not there. @returns false when it was */
async function create(path: string, text: string): Promise<boolean> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    if (codeOf(error) === EXISTS) return undefined;
    throw error;
  });
  await file?.writeFile(text).finally(() => file.close());
  return file !== undefined;
}

/**
 * Takes a lock away whose owner is gone. Of several that find it so, one does: the others would remove the next one's.
 * @returns whether it did
 */
export async function removeAbandonedLock(path: string): Promise<boolean> {
  if (!(await isAbandoned(path))) return false;
  const guard = `${path}.removal`;
  if (!(await create(guard, ''))) {
    if (await isAbandoned(guard)) await rm(guard, { force: true });
    return false;
  }
  try {
    if (!(await isAbandoned(path))) return false;
    await rm(path, { force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

function held(path: string, id: string): HeldLock {
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT * 1000);
  beat.unref();
  const isHeld = async () => (await readLock(path))?.id === id;
  return {
    kind: 'held',
    isHeld,
    async release() {
      clearInterval(beat);
      // It may be another's by now.
      if (await isHeld()) await rm(path, { force: true });
    },
  };
}

/**
 * Takes a lock: a file that says who has it. One that a dead process left is taken over. Node.js has no locks of the
 * operating system; this one holds among processes that ask for it, also of several machines on one file system.
 * @throws what the operating system refuses
 */
export async function takeLock(path: string): Promise<HeldLock | ForeignLock> {
  await makeFolder(dirname(path));
  const id = randomBytes(8).toString('hex');
  const owner: LockOwner = { id, ...thisProcess(), since: new Date().toISOString() };
  for (;;) {
    if (await create(path, JSON.stringify(owner))) return held(path, id);
    if (!(await removeAbandonedLock(path))) return { kind: 'foreign', owner: await readLock(path) };
  }
}
