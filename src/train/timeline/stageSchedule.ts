import { superBatchSize } from '../curation/settings.ts';
import { type AnyOptimizer, retuned } from '../step/optimizer/rules.ts';
import type { Schedule, SchedulePart } from '../step/optimizer/schedule.ts';
import { checkTimeline } from './checkTimeline.ts';
import { drawLengths, type LengthDraws } from './lengthDraws.ts';
import type { ExtraExtent, SharedExtent, StageSpec, Timeline } from './timeline.ts';

/** A stage with its numbers. */
export interface StageSchedule {
  readonly spec: StageSpec;
  /** Batches of the timeline's size. */
  readonly batches: number;
  /** Examples that are trained on. With curation more are scored. */
  readonly examples: number;
  /** Examples that are scored for one batch; the batch itself where nothing is left out. */
  readonly superBatch: number;
  readonly optimizer: AnyOptimizer;
  readonly schedule: Schedule;
  /** `part.steps` updates: more than `batches` where batches are split. */
  readonly part: SchedulePart;
  /** The sequence lengths, for NaFlex images. */
  readonly draws?: LengthDraws;
}

/** The nearest whole number of steps; a half-done step is not done (80 % of the paper's: 976,562.5 → 976,562). */
const wholeSteps = (steps: number): number => -Math.round(-steps);

/** Steps of the schedule up to a share of the timeline. */
const stepsAt = ({ examples, batch }: Timeline, share: number): number =>
  wholeSteps((share * examples) / batch);

/** Batches of a stage. A stretched one counts its examples first and rounds once (the paper's NaFlex part, §2.4.2: 457,764). */
function batchesOf(timeline: Timeline, extent: SharedExtent | ExtraExtent): number {
  if (extent.kind === 'extra') return wholeSteps(extent.examples / timeline.batch);
  const { start, end, stretch = 1 } = extent;
  return stretch === 1
    ? stepsAt(timeline, end) - stepsAt(timeline, start)
    : stepsAt(timeline, (end - start) * stretch);
}

function scheduleOf(timeline: Timeline, extent: SharedExtent | ExtraExtent) {
  if (extent.kind === 'share') {
    return {
      optimizer: timeline.optimizer,
      schedule: { totalSteps: stepsAt(timeline, 1), warmupSteps: timeline.warmupSteps },
      from: stepsAt(timeline, extent.start),
      to: stepsAt(timeline, extent.end),
    };
  }
  const { learningRate, weightDecay, warmupSteps } = extent;
  const totalSteps = batchesOf(timeline, extent);
  return {
    optimizer: retuned(timeline.optimizer, { learningRate, weightDecay }),
    schedule: { totalSteps, warmupSteps },
    from: 0,
    to: totalSteps,
  };
}

function stageOf(timeline: Timeline, spec: StageSpec, updatesBefore: number, seed: number): StageSchedule {
  const { extent, images, curation } = spec;
  const { batch } = timeline;
  const batches = batchesOf(timeline, extent);
  const { optimizer, schedule, from, to } = scheduleOf(timeline, extent);
  const draws = images.kind === 'naflex' ? drawLengths(images, batches, batch, seed) : undefined;
  const part = { steps: draws?.steps ?? batches, from, to, updatesBefore };
  return {
    spec,
    batches,
    examples: batches * batch,
    superBatch: superBatchSize(batch, curation?.filterRatio ?? 0),
    optimizer,
    schedule,
    part: draws ? { ...part, progressAt: draws.progressAt } : part,
    ...(draws && { draws }),
  };
}

/**
 * The stages of a timeline with their steps, examples and places on the schedule, in order.
 * @param seed decides the NaFlex lengths
 * @throws RangeError naming the stage that does not fit
 * @example
 * for (const { spec, schedule } of stageSchedules(paperTimeline('base'))) console.log(spec.name, schedule.totalSteps);
 */
export function stageSchedules(timeline: Timeline, seed = 0): StageSchedule[] {
  checkTimeline(timeline);
  const stages: StageSchedule[] = [];
  for (const spec of timeline.stages) {
    const parent = stages.find((stage) => stage.spec.name === spec.from);
    const fresh = !parent || spec.moments === 'reset';
    const updates = fresh ? 0 : (parent.part.updatesBefore ?? 0) + parent.part.steps;
    stages.push(stageOf(timeline, spec, updates, seed));
  }
  return stages;
}

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
export function stageUpdates(stage: StageSchedule, batch: number, steps?: number): StageUpdates {
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
