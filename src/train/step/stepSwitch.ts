import type { AnyObjective } from '../losses/chunkedObjective.ts';
import { createStep } from './createStep.ts';
import type { AnyOptimizer } from './optimizer/rules.ts';
import { caughtUp } from './sparse/behind.ts';
import type { TrainState } from './state/state.ts';
import type { StepOptions, TrainStep } from './trainStep.ts';

/** Training steps for several objectives that train one state in turn. */
export interface StepSwitch {
  /** The step of an objective. Compiled when it is first asked for. */
  get(objective: AnyObjective): Promise<TrainStep>;
  /** As {@link TrainStep} has them. */
  state(): TrainState;
  resumable(): TrainState;
  dispose(): Promise<void>;
}

/** @param initial the state to start from (see {@link createStep}) */
export function createStepSwitch(
  optimizer: AnyOptimizer,
  initial: TrainState,
  options: StepOptions = {},
): StepSwitch {
  const steps = new Map<AnyObjective, TrainStep>();
  let first: TrainStep | undefined;
  // Let go once a step has its copy: it is as large as the model.
  let start: TrainState | undefined = initial;
  return {
    async get(objective) {
      const known = steps.get(objective);
      if (known) return known;
      const step = await createStep(objective, optimizer, first?.shared ?? start!, options);
      steps.set(objective, step);
      first ??= step;
      start = undefined;
      return step;
    },
    state: () => first?.state() ?? caughtUp(start!),
    resumable: () => first?.resumable() ?? start!,
    async dispose() {
      for (const step of steps.values()) await step.dispose();
    },
  };
}
