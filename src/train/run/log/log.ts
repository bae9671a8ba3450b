import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../../checkpoint/files/atomic.ts';

/** One line of the log: a step's scalars. */
export interface LogEntry {
  readonly step: number;
  /** Seconds since 1970. */
  readonly time?: number;
  readonly [name: string]: unknown;
}

const entrySchema: z.ZodType<LogEntry> = z.looseObject({ step: z.number(), time: z.number().optional() });

/** Path of a run's log, one JSON object a line. */
const logPath = (runDir: string): string => join(runDir, 'log.jsonl');

/**
 * All complete lines of a run's log; a line cut off by a kill is left out.
 * @example
 * for (const { step, loss } of await readLog('out/run')) console.log(step, loss);
 */
export async function readLog(runDir: string): Promise<LogEntry[]> {
  const text = await readFile(logPath(runDir), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [entrySchema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

/**
 * Drops what a killed run logged after its last saved state, so that a resumed log has every step once.
 * @returns the lines that are kept
 */
export async function truncateLog(runDir: string, step: number): Promise<LogEntry[]> {
  const kept = (await readLog(runDir)).filter((entry) => entry.step <= step);
  const text = kept.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  await writeAtomic(logPath(runDir), (file) => file.writeFile(text));
  return kept;
}

export const appendLog = (runDir: string, entry: LogEntry): Promise<void> =>
  appendFile(logPath(runDir), `${JSON.stringify(entry)}\n`);
