import { type AnyObjective, isCached } from '../losses/chunkedObjective.ts';
import { createCachedTrainStep } from './chunked/chunkedStep.ts';
import type { OptimizerConfig } from './optimizer/chain.ts';
import type { TrainState } from './state/state.ts';
import type { StateBuffers } from './state/stateBuffers.ts';
import { createTrainStep, type StepOptions } from './step.ts';
import type { TrainStep } from './trainStep.ts';

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
