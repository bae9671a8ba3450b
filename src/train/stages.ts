import { join } from 'node:path';
import type { Stage } from './recipe.ts';
import { latestState, savedSteps } from './runState.ts';
import type { TrainState } from './step.ts';
import { type TrainOptions, type TrainProgress, type TrainResult, train } from './trainer.ts';

export interface StagesOptions extends Omit<TrainOptions, 'onProgress'> {
  readonly onProgress?: (progress: TrainProgress, stage: Stage) => void;
}

/** Folder of one stage's log and states. */
export const stageDir = (runDir: string, stages: readonly Stage[], index: number): string =>
  join(runDir, `${index + 1}-${stages[index]!.name}`);

/**
 * Runs stages one after the other, each from the parameters and moments that the ones before ended with; what a stage
 * does not train goes through unchanged. A stage that is finished is not run again, so a stopped run continues where
 * it was.
 * @returns the state after the last stage that ran, and whether all are finished
 */
export async function trainStages(
  stages: readonly [Stage, ...Stage[]],
  options: StagesOptions,
): Promise<TrainResult> {
  let result = await trainStage(stages, 0, options, new Map());
  for (let i = 1; i < stages.length && result.finished; i++) {
    if (options.signal?.aborted) return { ...result, finished: false };
    result = await trainStage(stages, i, options, result.state);
  }
  return result;
}

async function trainStage(
  stages: readonly Stage[],
  index: number,
  options: StagesOptions,
  before: TrainState,
): Promise<TrainResult> {
  const stage = stages[index]!;
  const runDir = stageDir(options.runDir, stages, index);
  const plan = typeof stage.plan === 'function' ? await stage.plan(before) : stage.plan;
  const done = (await savedSteps(runDir)).at(-1) ?? 0;
  const saved = done >= plan.schedule.totalSteps ? await latestState(runDir) : undefined;
  const result = saved
    ? { ...saved, finished: true }
    : await train(
        { ...plan, initial: new Map([...before, ...(plan.initial ?? [])]) },
        { ...options, runDir, onProgress: (progress) => options.onProgress?.(progress, stage) },
      );
  return { ...result, state: new Map([...before, ...result.state]) };
}
