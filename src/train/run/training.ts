import type { Arrays } from '../../tensor/index.ts';
import { callback, object, optional, rule, seed, settings } from '../../tensor/settings.ts';
import type { AnyObjective } from '../losses/chunkedObjective.ts';
import { type AnyOptimizer, optimizerSchema } from '../step/optimizer/rules.ts';
import {
  fittedSchedule,
  positionAt,
  type Schedule,
  type SchedulePart,
  scheduleAt,
  scheduleNotice,
  schedulePartSchema,
  scheduleSchema,
  wholeSchedule,
} from '../step/optimizer/schedule.ts';
import type { Select } from '../step/select.ts';
import type { TrainState } from '../step/state/state.ts';
import { type HeldOut, heldOutSchema } from './best/keepBest.ts';

/** What to train: everything that decides the result. */
export interface Training {
  /** Computed at once or in chunks. */
  readonly objective: AnyObjective;
  /**
   * The objective of a step, where they differ in their inputs' shapes (NaFlex lengths). All have the same parameters
   * and carried values. Each is compiled when it is first needed: give the same object for the same graph.
   * Default: always `objective`.
   */
  readonly objectiveAt?: (step: number) => AnyObjective;
  readonly optimizer: AnyOptimizer;
  readonly schedule: Schedule;
  /** The part of the schedule that this training runs. Default: the whole. */
  readonly part?: SchedulePart;
  readonly seed: number;
  /** The batch of a step: a pure function of the step, so that a resumed run sees the same data. */
  readonly batchAt: (step: number) => Promise<Arrays> | Arrays;
  /** Chooses examples of the batch to train on, with the parameters of that step (curation). Default: all of them. */
  readonly select?: Select;
  /**
   * Values that replace fresh ones at step 0, e.g. a checkpoint's. A state is copied. A function is called when the run
   * begins, and its arrays become the run's own, which changes them: so there are never two copies in memory.
   */
  readonly initial?: TrainState | (() => Promise<TrainState>);
  /** Measures the model on the way, so that the best is kept beside the last. It does not change the training. */
  readonly heldOut?: HeldOut;
}

export const trainingSchema = settings<Training>({
  objective: object('an objective'),
  objectiveAt: optional(callback()),
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  part: optional(schedulePartSchema),
  seed,
  batchAt: callback(),
  select: optional(callback()),
  heldOut: optional(heldOutSchema),
  initial: optional(
    rule(
      'a state, or a function that gives one',
      (value) => value instanceof Map || typeof value === 'function',
    ),
  ),
});

const partOf = ({ part, schedule }: Training): SchedulePart => part ?? wholeSchedule(schedule);

/** Updates of a training. */
export const totalSteps = (training: Training): number => partOf(training).steps;

/** Updates that the moments have seen before the training's first. */
export const updatesBefore = (training: Training): number => partOf(training).updatesBefore ?? 0;

/** The factor on the update of step `step` (from 0) of a training. A warm-up longer than the run is cut to fit. */
export const factorAt = (training: Training, step: number): number =>
  scheduleAt(positionAt(step, partOf(training)), fittedSchedule(training.schedule));

/** What a user should know of a training's learning rates before it runs; undefined where all is well. */
export function trainingNotice(training: Training): string | undefined {
  if (totalSteps(training) === 1 && factorAt(training, 0) === 0)
    return 'the only step is the first of a warm-up, where the learning rate is 0: it learns nothing; use more steps';
  return scheduleNotice(training.schedule);
}

/** Whether the arrays that a training starts from may be changed. */
export const givesInitialAway = ({ initial }: Training): boolean =>
  initial === undefined || typeof initial === 'function';

/** The values that replace fresh ones at step 0. */
export const initialOf = async ({ initial }: Training): Promise<TrainState | undefined> =>
  typeof initial === 'function' ? initial() : initial;
