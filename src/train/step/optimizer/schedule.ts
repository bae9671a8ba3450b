import { mul } from '../../../tensor/index.ts';
import {
  atLeastZero,
  callback,
  consistent,
  count,
  optional,
  settings,
  wholeNumber,
} from '../../../tensor/settings.ts';
import { type Transform, transformKind } from './transform.ts';

/** Linear warm-up, then cosine to zero (paper §2.1; big_vision `utils.create_learning_rate_schedule`). */
export interface Schedule {
  readonly totalSteps: number;
  readonly warmupSteps: number;
}

/**
 * The part of a schedule that one stage runs, where several stages share it: a stage continues the schedule of the one
 * before, a fork runs the same part once more, and a fork with more updates than positions runs it stretched.
 */
export interface SchedulePart {
  /** Updates of the stage. */
  readonly steps: number;
  /** Position on the schedule of the first update, in steps of the schedule. */
  readonly from: number;
  /** Position after the last update. */
  readonly to: number;
  /**
   * Updates that Adam's moments have seen before, for its bias correction; moments that are new here count them too (see
   * `adamStep`). Default 0.
   */
  readonly updatesBefore?: number;
  /** Share of the way that is done after `step` updates, 0 … 1 and rising. Default `step / steps`. */
  readonly progressAt?: (step: number) => number;
}

export const scheduleSchema = settings<Schedule>({ totalSteps: count, warmupSteps: wholeNumber });

export const schedulePartSchema = consistent<SchedulePart>(
  settings<SchedulePart>({
    steps: wholeNumber,
    from: atLeastZero,
    to: atLeastZero,
    updatesBefore: optional(wholeNumber),
    progressAt: optional(callback()),
  }),
  ({ from, to }) => (to < from ? `it ends at ${to}, before its start at ${from}` : undefined),
);

/** Of a run's steps, those that a warm-up gets which would not end within the run: that of fine-tuning's default. */
const CUT_WARMUP = 0.1;

/** A warm-up as long as the whole schedule never reaches the rate: it is cut to a tenth of the steps. */
export const fittedSchedule = (schedule: Schedule): Schedule =>
  schedule.warmupSteps < schedule.totalSteps
    ? schedule
    : { ...schedule, warmupSteps: Math.floor(CUT_WARMUP * schedule.totalSteps) };

/** What {@link fittedSchedule} changes, as it is said; undefined where it changes nothing. */
export function scheduleNotice(schedule: Schedule): string | undefined {
  const { totalSteps, warmupSteps } = fittedSchedule(schedule);
  if (warmupSteps === schedule.warmupSteps) return undefined;
  return `the warm-up of ${schedule.warmupSteps} steps would not end within ${totalSteps}; it is cut to ${warmupSteps}`;
}

/**
 * The factor on the update at one position, in [0, 1]: ½(1+cos(π·clip((step−W)/(T−W), 0, 1))) · min(1, step/W).
 * It scales learning rate and weight decay alike. Step 0 of a warm-up is 0.
 * @param step a position; a stretched part has positions between whole steps
 */
export function scheduleAt(step: number, { totalSteps, warmupSteps }: Schedule): number {
  const progress = Math.min(Math.max((step - warmupSteps) / Math.max(totalSteps - warmupSteps, 1), 0), 1);
  const warmup = warmupSteps > 0 ? Math.min(1, step / warmupSteps) : 1;
  return 0.5 * (1 + Math.cos(Math.PI * progress)) * warmup;
}

/** The whole of a schedule, one update a step. */
export const wholeSchedule = ({ totalSteps }: Schedule): SchedulePart => ({
  steps: totalSteps,
  from: 0,
  to: totalSteps,
});

/** The position on the schedule of a stage's update `step` (from 0). Exact where the part is not stretched. */
export function positionAt(step: number, { steps, from, to, progressAt }: SchedulePart): number {
  if (progressAt) return from + (to - from) * progressAt(step);
  return from + step * ((to - from) / Math.max(steps, 1));
}

const kind = transformKind(() => ({
  name: 'scaleBySchedule',
  apply: (update, { schedule }) => ({ update: mul(update, schedule) }),
}));

/**
 * u·s, s the schedule's factor of the step (optax `scale_by_schedule`): the end of a chain. Without it the rate is constant.
 * @example
 * const chain: Transform[] = [adam(PAPER_OPTIMIZER), scaleBySchedule()];
 */
export const scaleBySchedule = (): Transform => kind.make({});

export const isScaleBySchedule = (transform: Transform | undefined): boolean =>
  kind.settingsOf(transform) !== undefined;
