import { open } from 'node:fs/promises';
import { z } from 'zod';
import type { LogEntry } from '../../train/run/log/log.ts';

/** A log as it grows. */
export interface LogReader {
  readonly entries: readonly LogEntry[];
  /** Whole lines that are no entry. */
  readonly skipped: number;
  /** Reads what has come since the last call. @returns whether there is anything new */
  update(): Promise<boolean>;
}

const entrySchema: z.ZodType<LogEntry> = z.looseObject({ step: z.number(), time: z.number().optional() });

/** Bytes of a part that is read at once. */
const PART = 2 ** 20;

function entryOf(line: string): LogEntry | undefined {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/**
 * Follows a log: each call reads what was added alone. A run that goes on after a kill writes its log anew, as another file
 * or a shorter one: that is read from its beginning. A last line without its end waits for the rest.
 */
export function createLogReader(path: string): LogReader {
  let entries: LogEntry[] = [];
  let skipped = 0;
  let at = 0;
  let file = 0;
  let rest: Buffer = Buffer.alloc(0);

  function take(bytes: Buffer): void {
    const all = Buffer.concat([rest, bytes]);
    const end = all.lastIndexOf(10) + 1;
    rest = all.subarray(end);
    for (const line of all.toString('utf8', 0, end).split('\n')) {
      if (line === '') continue;
      const entry = entryOf(line);
      if (entry) entries.push(entry);
      else skipped++;
    }
  }

  async function update(): Promise<boolean> {
    const handle = await open(path).catch(() => undefined);
    if (!handle) return false;
    try {
      const { size, ino } = await handle.stat();
      const isAnother = ino !== file || size < at;
      if (isAnother) [entries, skipped, at, file, rest] = [[], 0, 0, ino, Buffer.alloc(0)];
      const before = at;
      while (at < size) {
        const part = Buffer.alloc(Math.min(PART, size - at));
        const { bytesRead } = await handle.read(part, 0, part.length, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        take(part.subarray(0, bytesRead));
      }
      return isAnother || at > before;
    } finally {
      await handle.close();
    }
  }

  return {
    get entries() {
      return entries;
    },
    get skipped() {
      return skipped;
    },
    update,
  };
}
