import type { Arrays } from '../tensor/index.ts';
import type { TrainState } from './state.ts';
import type { StateBuffers } from './stateBuffers.ts';

/** What a training step computes besides new parameters. */
export interface StepResult {
  readonly loss: number;
  /** Named scalars that the objective reports, e.g. the parts of the loss. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Norm of all gradients before clipping. */
  readonly gradientNorm: number;
}

export interface TrainStep {
  /** Computes one update from a batch and makes it the current state. */
  run(batch: Arrays, step: number, schedule: number): Promise<StepResult>;
  /** The current state. Its arrays are reused by later steps: copy what must last. */
  state(): TrainState;
  /** Where the state is, for another step to share. */
  readonly buffers: StateBuffers;
  dispose(): Promise<void>;
}
