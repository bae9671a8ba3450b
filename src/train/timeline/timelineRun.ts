import type { Arrays } from '../../tensor/index.ts';
import { adaptVision, withoutMoments } from '../adaptVision.ts';
import type { Stage } from '../recipe.ts';
import type { SchedulePart } from '../schedule.ts';
import type { Select } from '../select.ts';
import type { Objective, TrainState } from '../step.ts';
import { segmentModel, segmentVision } from './segmentModel.ts';
import { segmentObjective } from './segmentObjective.ts';
import type { Segment, Timeline } from './timeline.ts';
import { type TimelineStage, timelineStages } from './timelineStages.ts';

/** A batch that a step of a timeline needs. */
export interface BatchRequest {
  readonly stage: TimelineStage;
  /** Update of the stage, from 0. */
  readonly step: number;
  /** Images to give: the batch, or with curation the super-batch. */
  readonly images: number;
  /** NaFlex sequence length. */
  readonly length?: number;
}

/** Where a timeline's examples come from. */
export interface TimelineData {
  /** A pure function of the request, so that a resumed run sees the same data. */
  batchAt(request: BatchRequest): Promise<Arrays> | Arrays;
  /** Chooses the batch from the super-batch, for segments with curation. */
  selectFor?(stage: TimelineStage): Select;
}

export interface TimelineRunOptions {
  readonly seed: number;
  /** Updates of every stage, for a trial: each goes through its part of the schedule faster. */
  readonly steps?: number;
}

/** A stage cut to `steps` updates, and which of its own updates each stands for. */
function shortened(part: SchedulePart, steps: number | undefined) {
  if (steps === undefined || steps >= part.steps) return { part, original: (step: number) => step };
  const { progressAt: _, ...rest } = part;
  return {
    part: { ...rest, steps },
    original: (step: number) => Math.floor((step * part.steps) / steps),
  };
}

/**
 * What each update of a stage needs: a pure function of its number.
 * @param steps updates of every stage, as in {@link TimelineRunOptions}
 */
export function requestsOf(
  { batch }: Timeline,
  stage: TimelineStage,
  steps?: number,
): (step: number) => BatchRequest {
  const { segment, draws, superBatch } = stage;
  const { original } = shortened(stage.part, steps);
  return (step) => {
    const { batch: images, length } = draws?.at(original(step)) ?? { batch };
    return {
      stage,
      step,
      images: segment.curation ? superBatch : images,
      ...(length !== undefined && { length }),
    };
  };
}

/** The state that a segment starts from, given its parent's: other shapes, and moments as it says. */
function entering(timeline: Timeline, segment: Segment, parent: Segment) {
  const [from, to] = [segmentVision(timeline, parent), segmentVision(timeline, segment)];
  return (state: TrainState): TrainState => {
    const moments = segment.moments === 'resetResized' ? 'reset' : 'resize';
    const adapted = adaptVision(state, from, to, { moments });
    return segment.moments === 'reset' ? withoutMoments(adapted) : adapted;
  };
}

/** One graph for every sequence length, built when it is first asked for. */
function objectives(timeline: Timeline, segment: Segment) {
  const built = new Map<string, Objective>();
  return (images: number, length: number | undefined): Objective => {
    const key = `${images} ${length}`;
    const known = built.get(key);
    if (known) return known;
    const batch = { images, ...(length !== undefined && { length }) };
    const objective = segmentObjective(timeline, segment, batch);
    built.set(key, objective);
    return objective;
  };
}

function stageOf(
  timeline: Timeline,
  stage: TimelineStage,
  data: TimelineData,
  options: TimelineRunOptions,
): Stage {
  const { segment, draws, optimizer, schedule } = stage;
  const { part, original } = shortened(stage.part, options.steps);
  const objectiveFor = objectives(timeline, segment);
  const drawn = (step: number): { readonly batch: number; readonly length?: number } =>
    draws?.at(original(step)) ?? { batch: timeline.batch };
  const objectiveAt = (step: number) => objectiveFor(drawn(step).batch, drawn(step).length);
  const requestAt = requestsOf(timeline, stage, options.steps);
  const parent = timeline.segments.find(({ name }) => name === segment.from);
  const select = segment.curation && data.selectFor?.(stage);
  if (segment.curation && !select)
    throw new Error(`segment ${segment.name} chooses its examples: the data needs selectFor`);
  return {
    name: segment.name,
    ...(segment.from !== undefined && { from: segment.from }),
    ...(parent && { enter: entering(timeline, segment, parent) }),
    model: segmentModel(timeline, segment),
    plan: {
      objective: objectiveAt(0),
      ...(draws && { objectiveAt }),
      optimizer,
      schedule,
      part,
      seed: options.seed,
      batchAt: (step) => data.batchAt(requestAt(step)),
      ...(select && { select }),
    },
  };
}

/**
 * The stages of a timeline, ready for `trainStages`.
 * @throws RangeError when the timeline does not fit
 */
export function timelineRun(
  timeline: Timeline,
  data: TimelineData,
  options: TimelineRunOptions,
): readonly [Stage, ...Stage[]] {
  const [first, ...rest] = timelineStages(timeline, options.seed).map((stage) =>
    stageOf(timeline, stage, data, options),
  );
  return [first!, ...rest];
}
