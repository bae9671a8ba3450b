import { appendLog, type LogEntry, truncateLog } from './log/log.ts';
import { appendEvent, writeEventFile } from './tensorboard/eventFile.ts';

/** What a run writes down of every step and every evaluation: the JSON log and TensorBoard's event file. */
export interface RunRecord {
  /** What was logged before it was opened. */
  readonly before: readonly LogEntry[];
  add(entry: LogEntry): Promise<void>;
}

/**
 * Opens the record of a run that continues after `step`: later entries, of a run that was killed, are dropped.
 * @param offset updates before the run's first, which TensorBoard's steps count on from
 */
export async function openRunRecord(runDir: string, step: number, offset: number): Promise<RunRecord> {
  const before = await truncateLog(runDir, step);
  await writeEventFile(runDir, before, offset);
  return {
    before,
    async add(entry) {
      await appendLog(runDir, entry);
      await appendEvent(runDir, entry, offset);
    },
  };
}
