import { type AnyObjective, createStep } from './createStep.ts';
import type { OptimizerConfig } from './optimizer.ts';
import type { StepOptions, TrainState, TrainStep } from './step.ts';

/** Training steps for several objectives that train one state in turn. */
export interface StepSwitch {
  /** The step of an objective. Compiled when it is first asked for. */
  get(objective: AnyObjective): Promise<TrainStep>;
  state(): TrainState;
  dispose(): Promise<void>;
}

/** @param initial the state to start from (see {@link createStep}) */
export function createStepSwitch(
  optimizer: OptimizerConfig,
  initial: TrainState,
  options: StepOptions = {},
): StepSwitch {
  const steps = new Map<AnyObjective, TrainStep>();
  let first: TrainStep | undefined;
  return {
    async get(objective) {
      const known = steps.get(objective);
      if (known) return known;
      const step = await createStep(objective, optimizer, first?.buffers ?? initial, options);
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
