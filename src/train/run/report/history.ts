import { join } from 'node:path';
import { type LogEntry, readLog } from '../log/log.ts';
import { readOutline } from '../outline.ts';

/** What was logged of one stage. */
export interface StageHistory {
  readonly name: string;
  /** Updates on its line before it. */
  readonly start: number;
  readonly entries: readonly LogEntry[];
}

/**
 * Everything that a run has logged so far, stage by stage; stages that have not begun are left out.
 * @throws Error when the folder holds no run
 */
export async function readHistory(runDir: string): Promise<StageHistory[]> {
  const ends: number[] = [];
  const history: StageHistory[] = [];
  for (const { name, dir, parent } of await readOutline(runDir)) {
    const entries = await readLog(join(runDir, dir));
    const start = parent === undefined ? 0 : (ends[parent] ?? 0);
    ends.push(start + (entries.at(-1)?.step ?? 0));
    if (entries.length > 0) history.push({ name, start, entries });
  }
  if (history.length === 0)
    throw new Error(
      `${runDir}: no stage of a run has logged a step here; give the --run folder of a training, or OUTPUT/run of a fine-tuning`,
    );
  return history;
}
