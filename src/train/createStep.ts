import type { CachedObjective } from './cached/objective.ts';
import { createCachedTrainStep } from './cached/step.ts';
import type { Objective } from './objective.ts';
import type { OptimizerConfig } from './optimizer.ts';
import type { TrainState } from './state.ts';
import type { StateBuffers } from './stateBuffers.ts';
import { createTrainStep, type StepOptions } from './step.ts';
import type { TrainStep } from './trainStep.ts';

/** A loss to train, computed at once or, for batches that are too large for that, in chunks. */
export type AnyObjective = Objective | CachedObjective;

/** Whether an objective is computed in chunks. */
export const isCached = (objective: AnyObjective): objective is CachedObjective => 'texts' in objective;

/** Compiles the step that an objective asks for. Parameters and errors are those of `createTrainStep`. */
export const createStep = (
  objective: AnyObjective,
  optimizer: OptimizerConfig,
  initial: TrainState | StateBuffers,
  options: StepOptions = {},
): Promise<TrainStep> =>
  isCached(objective)
    ? createCachedTrainStep(objective, optimizer, initial, options)
    : createTrainStep(objective, optimizer, initial, options);
