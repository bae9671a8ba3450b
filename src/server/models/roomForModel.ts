import { readdir, stat } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';

/**
 * Bytes of memory that a model takes for each byte of its weights, when it is loaded and has embedded, and some to spare. A
 * B/16 takes 0.67 (test/full/serveChange.full.ts): half of its weights are the table of 256,000 pieces, of which only what is
 * asked for is read. The others take about 1.4, and larger models have a smaller share of table, so by the same count about 1.1.
 */
export const MEMORY_PER_BYTE = 1.25;

/** Bytes of a folder's weights. */
export async function weightBytes(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes of memory that are free, for a process that may be limited to less than the machine has. */
function freeMemory(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  const isLimited = limit > 0 && limit < totalmem();
  return isLimited ? Math.min(freemem(), limit - process.memoryUsage.rss()) : freemem();
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(2)} GB`;

/**
 * A process that takes more memory than there is is ended by the system, and with it what it served well.
 * @throws Error saying what to do where a model has no room beside the one that is served
 */
export async function assertRoomForModel(folder: string, free: () => number = freeMemory): Promise<void> {
  const needed = MEMORY_PER_BYTE * (await weightBytes(folder));
  const there = free();
  if (needed <= there) return;
  throw new Error(
    `the model needs about ${gigabytes(needed)} of memory beside the one that is served, and ${gigabytes(there)} are free; ` +
      'end other programs, or stop this server and start it with --model',
  );
}
