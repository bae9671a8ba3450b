import type { Arrays } from '../../tensor/index.ts';
import { check, count, optional, seed, settings } from '../../tensor/settings.ts';
import type { Objective } from '../losses/objective.ts';
import type { Stage } from '../run/stage.ts';
import type { Select } from '../step/select.ts';
import { adaptVision, withoutMoments } from '../step/state/adaptVision.ts';
import type { TrainState } from '../step/state/state.ts';
import { stageModel, stageVision } from './stageModel.ts';
import { stageObjective } from './stageObjective.ts';
import { type StageSchedule, stageSchedules, stageUpdates } from './stageSchedule.ts';
import type { StageSpec, Timeline } from './timeline.ts';

/** A batch that a step of a timeline needs. */
export interface BatchRequest {
  readonly stage: StageSchedule;
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
  /** Chooses the batch from the super-batch, for stages with curation. */
  selectFor?(stage: StageSchedule): Select;
}

export interface TimelineRunOptions {
  readonly seed: number;
  /** Updates of every stage that has more, for a trial: it goes through its part of the schedule faster. */
  readonly steps?: number;
}

const runSchema = settings<TimelineRunOptions>({ seed, steps: optional(count) });

/**
 * What each update of a stage needs: a pure function of its number.
 * @param steps updates of every stage, as in {@link TimelineRunOptions}
 */
export function requestsOf(
  timeline: Timeline,
  stage: StageSchedule,
  steps?: number,
): (step: number) => BatchRequest {
  const { spec, superBatch } = stage;
  const { at } = stageUpdates(stage, timeline.batch, steps);
  return (step) => {
    const { batch, length } = at(step);
    return {
      stage,
      step,
      images: spec.curation ? superBatch : batch,
      ...(length !== undefined && { length }),
    };
  };
}

/** The state that a stage starts from, given its parent's: other shapes, and moments as it says. */
function entering(timeline: Timeline, spec: StageSpec, parent: StageSpec) {
  const [from, to] = [stageVision(timeline, parent), stageVision(timeline, spec)];
  return (state: TrainState): TrainState => {
    const moments = spec.moments === 'resetResized' ? 'reset' : 'resize';
    const adapted = adaptVision(state, from, to, { moments });
    return spec.moments === 'reset' ? withoutMoments(adapted) : adapted;
  };
}

/** One graph for every sequence length, built when it is first asked for. */
function objectives(timeline: Timeline, spec: StageSpec) {
  const built = new Map<string, Objective>();
  return (images: number, length: number | undefined): Objective => {
    const key = `${images} ${length}`;
    const known = built.get(key);
    if (known) return known;
    const batch = { images, ...(length !== undefined && { length }) };
    const objective = stageObjective(timeline, spec, batch);
    built.set(key, objective);
    return objective;
  };
}

function stageOf(
  timeline: Timeline,
  stage: StageSchedule,
  data: TimelineData,
  options: TimelineRunOptions,
): Stage {
  const { spec, draws, optimizer, schedule } = stage;
  const { part, at } = stageUpdates(stage, timeline.batch, options.steps);
  const objectiveFor = objectives(timeline, spec);
  const objectiveAt = (step: number) => objectiveFor(at(step).batch, at(step).length);
  const requestAt = requestsOf(timeline, stage, options.steps);
  const parent = timeline.stages.find(({ name }) => name === spec.from);
  const select = spec.curation && data.selectFor?.(stage);
  if (spec.curation && !select)
    throw new Error(`stage ${spec.name} chooses its examples: the data needs selectFor`);
  return {
    name: spec.name,
    ...(spec.from !== undefined && { from: spec.from }),
    ...(parent && { enter: entering(timeline, spec, parent) }),
    ...(spec.moments === 'reset' && { dropsMoments: true }),
    model: stageModel(timeline, spec),
    training: {
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
 * @example
 * async function run(timeline: Timeline, data: TimelineData) {
 *   await trainStages(timelineRun(timeline, data, { seed: 0 }), { runDir: 'out/run', saveEvery: 100 });
 * }
 */
export function timelineRun(
  timeline: Timeline,
  data: TimelineData,
  options: TimelineRunOptions,
): readonly [Stage, ...Stage[]] {
  check('options', runSchema, options);
  const [first, ...rest] = stageSchedules(timeline, options.seed).map((stage) =>
    stageOf(timeline, stage, data, options),
  );
  return [first!, ...rest];
}
