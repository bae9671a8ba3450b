import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { codeOf } from './errorCode.ts';

/** A process, so that another one can tell whether it is still there. */
export interface ProcessMark {
  readonly pid: number;
  readonly host: string;
  /** When it began, where the system says so: numbers are given out again. */
  readonly start?: string | undefined;
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** The boot and the tick in which a process began; undefined where the system does not say (only Linux does). */
function startOf(pid: number): string | undefined {
  const boot = read('/proc/sys/kernel/random/boot_id')?.trim();
  // The name of the program, in brackets, may hold anything; the start is the twentieth field after it.
  const tick = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ')[19];
  return boot !== undefined && tick !== undefined ? `${boot} ${tick}` : undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else may not be asked, and runs.
    return codeOf(error) === 'EPERM';
  }
}

let own: ProcessMark | undefined;

/** This process. */
export function thisProcess(): ProcessMark {
  own ??= { pid: process.pid, host: hostname(), start: startOf(process.pid) };
  return own;
}

/** Whether a process is there, is gone, or cannot be judged from here. */
export type Presence = 'running' | 'gone' | 'unknown';

export function presenceOf({ pid, host, start }: ProcessMark): Presence {
  if (host !== hostname()) return 'unknown';
  if (!isRunning(pid)) return 'gone';
  const found = start === undefined ? undefined : startOf(pid);
  if (found === undefined) return 'unknown';
  return found === start ? 'running' : 'gone';
}

/** Eight digits that stand for this machine in names of files. */
export const hostDigits = (): string => createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** Whether a process of this machine that is known by its number alone is gone; one of its number may run since. */
export const isGone = (pid: number): boolean => !isRunning(pid);
