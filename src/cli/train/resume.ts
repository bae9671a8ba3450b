import { join } from 'node:path';
import { stageFolders } from '../../train/run/stageTree.ts';
import { savedSteps } from '../../train/run/states.ts';

/** What --resume asks for, in --help. */
export const RESUME = 'fail if there is no saved state to continue from';

/**
 * Whether something is saved to continue from is what --resume asserts: a mistyped folder must not start a new run.
 * @throws Error naming the folder and what to do
 */
export function assertSaved(runDir: string, saved: boolean): void {
  if (!saved)
    throw new Error(`${runDir}: no state of a run is saved here to continue; start it without --resume`);
}

/** Whether any stage of the run in a folder has a saved state. */
export async function hasSavedStage(runDir: string): Promise<boolean> {
  const stages = await stageFolders(runDir);
  const saved = await Promise.all(stages.map(({ dir }) => savedSteps(join(runDir, dir))));
  return saved.some((steps) => steps.length > 0);
}
