import { freemem, totalmem } from 'node:os';
import { cgroupLimit, type ReadText, readText } from './cgroupLimit.ts';

/** The memory of the machine, as far as this process may use it, in bytes. */
export interface MachineMemory {
  /** All that it could ever have: what is built in, or its container's limit. */
  readonly total: number;
  /** What it can still take now. */
  readonly free: number;
  /** What sets `total`: what is built in, a control group's limit, or what is free now. */
  readonly by: 'machine' | 'limit' | 'free';
}

/** Where the numbers come from. */
export interface MemorySources {
  readonly totalmem: () => number;
  readonly freemem: () => number;
  readonly rss: () => number;
  readonly read: ReadText;
}

const SYSTEM: MemorySources = { totalmem, freemem, rss: () => process.memoryUsage.rss(), read: readText };

/** @param sources for tests */
export function machineMemory({ totalmem, freemem, rss, read }: MemorySources = SYSTEM): MachineMemory {
  const built = totalmem();
  const limit = cgroupLimit(read) ?? Number.POSITIVE_INFINITY;
  const free = Math.min(freemem(), Math.max(limit - rss(), 0));
  return limit < built ? { total: limit, free, by: 'limit' } : { total: built, free, by: 'machine' };
}

/** Bytes that this process can still take: what the machine has free, or its container's limit leaves. */
export const availableMemory = (): number => machineMemory().free;
