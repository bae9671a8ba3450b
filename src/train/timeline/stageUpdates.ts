import type { SchedulePart } from '../schedule.ts';
import type { TimelineStage } from './timelineStages.ts';

/** The updates of a stage, all of them or fewer for a trial. */
export interface StageUpdates {
  /** The stage's part of the schedule; the stage's own where nothing is left out. */
  readonly part: SchedulePart;
  /** The size of the batch of an update (from 0), and its NaFlex sequence length. */
  at(step: number): { readonly batch: number; readonly length?: number };
}

/**
 * The updates of a stage. Where it has more than `steps`, it is cut to as many, which are spread over its own: it goes
 * through its part of the schedule faster.
 * @param batch the timeline's
 */
export function stageUpdates(stage: TimelineStage, batch: number, steps?: number): StageUpdates {
  const { part, draws } = stage;
  const drawnAt = (step: number): { readonly batch: number; readonly length?: number } =>
    draws?.at(step) ?? { batch };
  if (steps === undefined || steps >= part.steps) return { part, at: drawnAt };
  const { progressAt: _, ...rest } = part;
  return {
    part: { ...rest, steps },
    at: (step) => drawnAt(Math.floor((step * part.steps) / steps)),
  };
}
