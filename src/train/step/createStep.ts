import { type AnyObjective, isChunked } from '../losses/chunkedObjective.ts';
import { createChunkedStep } from './chunked/chunkedStep.ts';
import type { AnyOptimizer } from './optimizer/rules.ts';
import type { TrainState } from './state/state.ts';
import type { StateBuffers } from './state/stateBuffers.ts';
import { createDenseStep, type StepOptions } from './step.ts';
import type { TrainStep } from './trainStep.ts';

/** Compiles the step that an objective asks for. Parameters and errors are those of `createDenseStep`. */
export const createStep = (
  objective: AnyObjective,
  optimizer: AnyOptimizer,
  initial: TrainState | StateBuffers,
  options: StepOptions = {},
): Promise<TrainStep> =>
  isChunked(objective)
    ? createChunkedStep(objective, optimizer, initial, options)
    : createDenseStep(objective, optimizer, initial, options);
