import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../checkpoint/files/makeFolder.ts';
import { check, count } from '../../tensor/settings.ts';
import type { Json, Position } from '../streams/stream.ts';

/** The position at which a step's batch begins. */
export interface KnownPosition {
  readonly step: number;
  /** Absent: the stream's beginning. */
  readonly position?: Position;
}

/** Remembers where batches begin, so that a jump to a step does not re-read everything before it. */
export interface PositionStore {
  /** The last known one at or before a step; step 0 without position where none is known. */
  before(step: number): KnownPosition;
  remember(known: KnownPosition): Promise<void>;
}

/** Steps whose positions are kept in any case: the last ones. */
const RECENT = 64;

/** Keeps the positions of the last steps and of every `every`-th one, in memory. */
export function memoryPositions(every = 25, known: readonly KnownPosition[] = []): PositionStore {
  check('every', count, every);
  const kept = new Map<number, KnownPosition>(known.map((entry) => [entry.step, entry]));
  const recent: number[] = [];
  return {
    before(step) {
      const exact = kept.get(step);
      if (exact) return exact;
      let best: KnownPosition = { step: 0 };
      for (const entry of kept.values()) if (entry.step <= step && entry.step >= best.step) best = entry;
      return best;
    },
    async remember(entry) {
      if (!kept.has(entry.step) && entry.step % every !== 0) recent.push(entry.step);
      kept.set(entry.step, entry);
      if (recent.length > RECENT) kept.delete(recent.shift()!);
    },
  };
}

const headSchema = z.object({ stream: z.json() });
const lineSchema = z.object({ step: z.number().int().nonnegative(), position: z.json() });

/**
 * Like `memoryPositions`, and every `every`-th position is also in a file (JSON lines, the stream's identity
 * first), from which a later process goes on. A last line that was cut off is ignored.
 * @throws Error when the file is of another stream or is not such a file.
 * @example
 * const positions = await filePositions('out/run/positions.jsonl', { source: 'photos' });
 */
export async function filePositions(path: string, identity: Json, every = 25): Promise<PositionStore> {
  const known = await readPositions(path, identity);
  const memory = memoryPositions(every, known);
  const saved = new Set(known.map(({ step }) => step));
  return {
    before: memory.before,
    async remember(entry) {
      await memory.remember(entry);
      if (entry.step % every !== 0 || saved.has(entry.step)) return;
      saved.add(entry.step);
      await appendFile(path, `${JSON.stringify(entry)}\n`);
    },
  };
}

async function readPositions(path: string, identity: Json): Promise<KnownPosition[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const head = JSON.stringify({ stream: identity });
  if (!text.includes('\n')) {
    await makeFolder(dirname(path));
    await writeFile(path, `${head}\n`);
    return [];
  }
  const whole = text.slice(0, text.lastIndexOf('\n'));
  // What was cut off must not be continued by the next line.
  if (whole.length + 1 < text.length) await writeFile(path, `${whole}\n`);
  const [first, ...lines] = whole.split('\n');
  if (!headSchema.safeParse(parse(first!)).success)
    throw new Error(`${path}: is no file of positions: choose another path.`);
  if (first !== head)
    throw new Error(
      `${path}: holds positions of other data or settings: give back those of the run, or delete the file to read everything before the step again.`,
    );
  return lines.map((line, i): KnownPosition => {
    const entry = lineSchema.safeParse(parse(line));
    if (!entry.success) throw new Error(`${path}: line ${i + 2} is no position: delete the file.`);
    return entry.data;
  });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
