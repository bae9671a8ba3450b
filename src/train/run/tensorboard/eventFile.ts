import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '../../../checkpoint/files/atomic.ts';
import type { LogEntry } from '../log/log.ts';
import { scalarEvent, versionEvent } from './event.ts';
import { tfRecord } from './record.ts';

/** TensorBoard reads every file whose name holds `tfevents`; the number is the time of the first event by custom. */
export const eventFilePath = (runDir: string): string => join(runDir, 'events.out.tfevents.0.siglip2');

/** The log line's numbers, but for those that place it. */
function scalarsOf(entry: LogEntry): Record<string, number> {
  const { step: _, time: __, ...rest } = entry;
  return Object.fromEntries(
    Object.entries(rest).filter((pair): pair is [string, number] => typeof pair[1] === 'number'),
  );
}

/** @param offset updates before the first of the log, so that the stages of a run follow each other */
const record = (entry: LogEntry, offset: number): Buffer =>
  tfRecord(scalarEvent(offset + entry.step, entry.time ?? 0, scalarsOf(entry)));

/** Writes the whole event file anew from a log: a resumed run has every step once. */
export async function writeEventFile(
  runDir: string,
  entries: readonly LogEntry[],
  offset: number,
): Promise<void> {
  const first = tfRecord(versionEvent(entries[0]?.time ?? 0));
  const records = [first, ...entries.map((entry) => record(entry, offset))];
  await writeAtomic(eventFilePath(runDir), (file) => file.writeFile(Buffer.concat(records)));
}

export const appendEvent = (runDir: string, entry: LogEntry, offset: number): Promise<void> =>
  appendFile(eventFilePath(runDir), record(entry, offset));
