import type { Arrays, SessionOptions } from '../../tensor/index.ts';
import { sessionRules } from '../../tensor/session.ts';
import { flag, optional, settings } from '../../tensor/settings.ts';
import type { Trained } from '../losses/objective.ts';
import type { AnyOptimizer } from './optimizer/rules.ts';
import type { StepResult } from './reports.ts';
import type { Buffers } from './state/buffers.ts';
import type { TrainState } from './state/state.ts';
import type { SharedState } from './state/stateBuffers.ts';
import type { UpdateGraph } from './updateGraph.ts';

/** One update after the other, on a state that stays in memory. */
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
  /** @internal Where the state is, for another step to share. */
  readonly shared: SharedState;
  dispose(): Promise<void>;
}

/** How a step computes, and what becomes of the state that it starts from. */
export interface StepOptions extends SessionOptions {
  /**
   * Whether tables that are read by the batch's ids (the token table) are updated row by row: a step then touches the
   * rows of its batch, and the others take the updates that they missed, in closed form, when they are read next. The
   * result is that of the dense step up to rounding (about 1e-7), but not to the bit. When rows take what they missed is
   * part of the state that is saved, so that a resumed run ends in the same bits. Default: for tables of 64 MB and more of
   * which a batch reads at most a quarter.
   */
  readonly sparse?: boolean;
  /**
   * Whether the arrays of the state that it starts from become the step's own, which changes them: then there are never
   * two copies. Default: they are copied, but for frozen parameters.
   */
  readonly ownsInitial?: boolean;
}

/** Options of every step, whatever stands around it. */
export type PlainOptions = Omit<StepOptions, 'sparse'>;

export const stepSchema = settings<StepOptions>({
  ...sessionRules,
  sparse: optional(flag),
  ownsInitial: optional(flag),
});

/** Arrays that a step's graph reads and writes and its state does not hold. */
export interface OwnArrays {
  /** What the graph reads, by the names of its inputs: a layer fills them before a step. */
  readonly feeds: Buffers;
  /** What it writes, by the names of its `next` values: a layer reads them after a step. */
  readonly next: Buffers;
}

/** What a layer hands to the step that it wraps. */
export interface Inside extends PlainOptions {
  readonly own?: OwnArrays;
  /** The update, instead of the one that follows from objective and optimizer. */
  readonly graph?: UpdateGraph;
}

/**
 * Compiles a step. What it wraps, if anything, has the same form.
 * @param start the state to start from, copied unless `ownsInitial` says otherwise. Frozen parameters are read where they
 * are in any case: leave those unchanged. Or what another step shares, to train one state with both in turn.
 * @throws Error naming an entry of the state that is missing or has a wrong shape
 */
export type CreateStep<O extends Trained, Options extends PlainOptions> = (
  objective: O,
  optimizer: AnyOptimizer,
  start: TrainState | SharedState,
  options?: Options,
) => Promise<TrainStep>;
