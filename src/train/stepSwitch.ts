import type { SessionOptions } from '../tensor/index.ts';
import type { OptimizerConfig } from './optimizer.ts';
import { createTrainStep, type Objective, type TrainState, type TrainStep } from './step.ts';

/** Training steps for several objectives that train one state in turn. */
export interface StepSwitch {
  /** The step of an objective. Compiled when it is first asked for. */
  get(objective: Objective): Promise<TrainStep>;
  state(): TrainState;
  dispose(): Promise<void>;
}

/** @param initial the state to start from (see {@link createTrainStep}) */
export function createStepSwitch(
  optimizer: OptimizerConfig,
  initial: TrainState,
  options: SessionOptions = {},
): StepSwitch {
  const steps = new Map<Objective, TrainStep>();
  let first: TrainStep | undefined;
  return {
    async get(objective) {
      const known = steps.get(objective);
      if (known) return known;
      const step = await createTrainStep(objective, optimizer, first?.buffers ?? initial, options);
      steps.set(objective, step);
      first ??= step;
      return step;
    },
    state: () => first?.state() ?? initial,
    async dispose() {
      for (const step of steps.values()) await step.dispose();
    },
  };
}
