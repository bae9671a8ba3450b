import type { Arrays } from '../../tensor/index.ts';
import type { StepResult } from './reports.ts';
import type { TrainState } from './state/state.ts';
import type { TrainStep } from './trainStep.ts';

/** A batch that was chosen for one step. */
export interface Selection {
  readonly batch: Arrays;
  /** Scalars about the choice, reported beside those of the objective. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/**
 * Chooses what a step trains on from what `batchAt` gave and the parameters that the step starts from (active data
 * curation, §2.5). It must be a pure function of its three arguments: that is what makes a resumed run equal to one
 * that was not stopped. The state's arrays belong to the trainer: read them, don't keep them.
 */
export type Select = (batch: Arrays, state: TrainState, step: number) => Promise<Selection> | Selection;

/** Runs one update on the batch, or on what `select` chooses from it. */
export async function selectAndRun(
  trainStep: TrainStep,
  batch: Arrays,
  step: number,
  schedule: number,
  select?: Select,
): Promise<StepResult> {
  if (!select) return trainStep.run(batch, step, schedule);
  const chosen = await select(batch, trainStep.state(), step);
  const result = await trainStep.run(chosen.batch, step, schedule);
  return { ...result, metrics: { ...result.metrics, ...chosen.metrics } };
}
