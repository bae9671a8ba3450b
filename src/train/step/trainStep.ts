import type { Arrays } from '../../tensor/index.ts';
import type { StepResult } from './reports.ts';
import type { TrainState } from './state/state.ts';
import type { StateBuffers } from './state/stateBuffers.ts';

export interface TrainStep {
  /** Computes one update from a batch and makes it the current state. */
  run(batch: Arrays, step: number, schedule: number): Promise<StepResult>;
  /**
   * The current state, as a model is made of it: every row of its tables is brought up to date. That rounds otherwise
   * than bringing each up to date when it is read, so only runs that ask for it after the same steps are equal to the bit.
   * Its arrays are reused by later steps: copy what must last.
   */
  state(): TrainState;
  /**
   * The current state, as training goes on from it: a step that starts from it continues to the same bits as this one.
   * Rows of tables may be behind, with entries beside them that say what they miss. Its arrays are reused too.
   */
  resumable(): TrainState;
  /** Where the state is, for another step to share. */
  readonly buffers: StateBuffers;
  dispose(): Promise<void>;
}
