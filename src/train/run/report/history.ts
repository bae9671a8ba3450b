import { join } from 'node:path';
import { z } from 'zod';
import { writeJson } from '../../../checkpoint/files/atomic.ts';
import { readJson } from '../../../checkpoint/files/json.ts';
import type { Stage } from '../../recipe.ts';
import { type LogEntry, readLog } from '../log/log.ts';
import { parentOf, stageDir, stageFolders } from '../stageTree.ts';

const outlineSchema = z.array(
  z.object({ name: z.string(), dir: z.string(), parent: z.int().min(0).optional() }),
);

const outlinePath = (runDir: string): string => join(runDir, 'stages.json');

/** Writes down which stages a run has and which starts from which, for whoever reads its logs. */
export async function writeOutline(runDir: string, stages: readonly Stage[]): Promise<void> {
  const outline = stages.map(({ name }, index) => {
    const parent = parentOf(stages, index);
    return { name, dir: stageDir('', stages, index), ...(parent !== undefined && { parent }) };
  });
  await writeJson(outlinePath(runDir), outline);
}

/** What was logged of one stage. */
export interface StageHistory {
  readonly name: string;
  /** Updates on its line before it. */
  readonly start: number;
  readonly entries: readonly LogEntry[];
}

/**
 * The stages of a run without an outline: its numbered folders, one after the other, as runs were written before stages
 * were outlined. Without those the folder itself is the only stage: a fine-tuning logs there.
 */
async function stagesWithoutOutline(runDir: string): Promise<z.output<typeof outlineSchema>> {
  const folders = await stageFolders(runDir);
  if (folders.length === 0) return [{ name: 'training', dir: '' }];
  return folders.map((folder, index) => ({ ...folder, ...(index > 0 && { parent: index - 1 }) }));
}

/**
 * Everything that a run has logged so far, stage by stage; stages that have not begun are left out.
 * @throws Error when the folder holds no run
 */
export async function readHistory(runDir: string): Promise<StageHistory[]> {
  const parsed = outlineSchema.safeParse(await readJson(outlinePath(runDir)).catch(() => undefined));
  const outline = parsed.success ? parsed.data : await stagesWithoutOutline(runDir);
  const ends: number[] = [];
  const history: StageHistory[] = [];
  for (const { name, dir, parent } of outline) {
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
