import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hostDigits, isGone } from './processes.ts';

/** Names that {@link temporaryBeside} has given, and older versions without the machine. */
const NAME = /^\..+\.(\d+)(?:@([0-9a-f]{8}))?-[0-9a-f]{8}\.tmp$/s;

/** What may be another machine's, or another process's of the same number, is left over after so long without a write. */
const OLD = 24 * 3600 * 1000;

/** What this process is writing now. A process may have the number of one that was killed, in a container for example. */
const writing = new Set<string>();

/** A name for a file or a folder that gets its own when it is whole. Whoever finds it can tell whose it was. */
export function temporaryBeside(path: string): string {
  const digits = randomBytes(4).toString('hex');
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}@${hostDigits()}-${digits}.tmp`);
  writing.add(temporary);
  return temporary;
}

/** Tells that a temporary name is in use no more. */
export const endTemporary = (temporary: string): void => void writing.delete(temporary);

async function isLeftOver(path: string, pid: number, host: string | undefined): Promise<boolean> {
  if (host === hostDigits() && (pid === process.pid ? !writing.has(path) : isGone(pid))) return true;
  if (writing.has(path)) return false;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > OLD;
}

/**
 * Removes what killed processes were writing into a folder; what a running one writes stays.
 * @returns names of what was removed; none where the folder does not exist or nothing can be removed
 * @example
 * for (const name of await removeLeftovers('out/model')) console.log(`removed ${name}`);
 */
export async function removeLeftovers(folder: string): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid, host] = NAME.exec(name) ?? [];
    const path = join(folder, name);
    if (pid === undefined || !(await isLeftOver(path, Number(pid), host))) continue;
    const done = await rm(path, { recursive: true, force: true }).then(
      () => true,
      () => false,
    );
    if (done) removed.push(name);
  }
  return removed;
}
