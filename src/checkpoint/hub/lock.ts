import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import { pause } from './pause.ts';

/** What a lock's name ends in. Python's lock beside it is of another kind (flock), which Node.js does not have. */
export const LOCK_SUFFIX = '.siglip2.lock';

/** Seconds between two signs of life of a lock's owner, and after how many without one it is taken to be gone. */
const BEAT = 5;
const GONE = 30;

const ownerSchema = z.object({ pid: z.int(), host: z.string() });

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else may not be asked, and runs.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Whether the process that made a lock is gone: its number is free on this machine, or it shows no life. */
async function isAbandoned(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return false;
  if (Date.now() - found.mtimeMs > GONE * 1000) return true;
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const { pid, host } = ownerSchema.parse(JSON.parse(text));
    return host === hostname() && !isRunning(pid);
  } catch {
    // Just made, and not written yet.
    return false;
  }
}

const EXISTS = 'EEXIST';
const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** Makes the lock; undefined when another has it. Throws what the operating system refuses. */
async function take(path: string): Promise<(() => Promise<void>) | undefined> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx').catch((error: unknown) => {
    if (codeOf(error) === EXISTS) return undefined;
    throw error;
  });
  if (!file) return undefined;
  await file.writeFile(JSON.stringify({ pid: process.pid, host: hostname() })).finally(() => file.close());
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT * 1000);
  beat.unref();
  return async () => {
    clearInterval(beat);
    await rm(path, { force: true });
  };
}

export interface LockOptions {
  /** Whether another process has done the work meanwhile. */
  readonly isDone: () => Promise<boolean>;
  /** Called once, when the lock is another's. */
  readonly onWait: () => void;
}

/**
 * Does work that only one process at a time should do; waits while another does it, and does nothing where that one has
 * finished it. The lock saves work and nothing else: where none can be made, or two believe to have it, both do the
 * work, which must end well nevertheless.
 */
export async function withLock(path: string, options: LockOptions, work: () => Promise<void>): Promise<void> {
  for (let waited = false; ; waited = true) {
    const release = await take(path).catch(() => async () => {});
    if (release) {
      try {
        if (!(await options.isDone())) await work();
      } finally {
        await release();
      }
      return;
    }
    if (!waited) options.onWait();
    if (await options.isDone()) return;
    if (await isAbandoned(path)) await rm(path, { force: true });
    else await pause(0.2);
  }
}
