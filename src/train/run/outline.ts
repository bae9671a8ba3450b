import { join } from 'node:path';
import { z } from 'zod';
import { writeJson } from '../../checkpoint/files/atomic.ts';
import { readJson } from '../../checkpoint/files/json.ts';
import { type Stage, stageSteps } from './stage.ts';
import { parentOf, stageDir, stageFolders } from './stageTree.ts';

const outlineSchema = z.array(
  z.object({
    name: z.string(),
    dir: z.string(),
    parent: z.int().min(0).optional(),
    /** Updates of the stage; runs of before did not say. */
    steps: z.int().min(0).optional().catch(undefined),
  }),
);

/** The stages of a run in order: name, folder within the run, the number of the one that it starts from, and its updates. */
export type Outline = z.output<typeof outlineSchema>;

const outlinePath = (runDir: string): string => join(runDir, 'stages.json');

/** Writes down which stages a run has and which starts from which, for whoever reads its logs. */
export async function writeOutline(runDir: string, stages: readonly Stage[]): Promise<void> {
  const outline = stages.map((stage, index) => {
    const parent = parentOf(stages, index);
    return {
      name: stage.name,
      dir: stageDir('', stages, index),
      ...(parent !== undefined && { parent }),
      steps: stageSteps(stage),
    };
  });
  await writeJson(outlinePath(runDir), outline);
}

/**
 * The stages of a run without an outline: its numbered folders, one after the other, as runs were written before stages
 * were outlined. Without those the folder itself is the only stage: a fine-tuning logs there.
 */
async function stagesWithoutOutline(runDir: string): Promise<Outline> {
  const folders = await stageFolders(runDir);
  if (folders.length === 0) return [{ name: 'training', dir: '' }];
  return folders.map((folder, index) => ({ ...folder, ...(index > 0 && { parent: index - 1 }) }));
}

/** Which stages a run has, as it wrote them down, or else as its folders say. */
export async function readOutline(runDir: string): Promise<Outline> {
  const parsed = outlineSchema.safeParse(await readJson(outlinePath(runDir)).catch(() => undefined));
  return parsed.success ? parsed.data : stagesWithoutOutline(runDir);
}
