import type { ModelConfig } from '../../model/config.ts';
import { twoTowers } from '../../model/twoTowers.ts';
import { variantConfig } from '../../model/variants.ts';
import { graphFlops, matmulFlops } from '../../tensor/cost/flops.ts';
import { positionAt, type SchedulePart, scheduleAt } from '../step/optimizer/schedule.ts';
import { stageModel } from '../timeline/stageModel.ts';
import { stageObjective } from '../timeline/stageObjective.ts';
import {
  type StageSchedule,
  type StageUpdates,
  stageSchedules,
  stageUpdates,
} from '../timeline/stageSchedule.ts';
import type { StageCuration, StageSpec, Timeline } from '../timeline/timeline.ts';
import { type CountedCost, type StageCost, sumCosts } from './cost.ts';
import { passingBytes } from './passing.ts';
import { largeStepCost, type StepCost } from './stepCost.ts';

const describeImages = ({ images }: StageSpec): string =>
  images.kind === 'fixed'
    ? `${images.resolution}²/${images.patchSize}`
    : `naflex/${images.patchSize} ${images.lengths.map(({ length }) => length).join(', ')}`;

/** A graph of a stage, and how many updates it has. */
interface CountedGraph {
  readonly batch: number;
  readonly length?: number;
  readonly count: number;
}

/** The graphs of a stage: one, or with NaFlex images one for each sequence length that is drawn. */
function graphsOf({ images }: StageSpec, { part, at }: StageUpdates, batch: number): readonly CountedGraph[] {
  if (images.kind === 'fixed') return [{ batch, count: part.steps }];
  const counts = new Map<number | undefined, number>();
  for (let step = 0; step < part.steps; step++) {
    const { length } = at(step);
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  return images.lengths
    .map((one) => ({ ...one, count: counts.get(one.length) ?? 0 }))
    .filter(({ count }) => count > 0);
}

/** Operations of embedding one image and one text. */
function embeddingFlops(config: ModelConfig): number {
  const { imageEmbeddings, textEmbeddings } = twoTowers(config, { images: 1, texts: 1 });
  return graphFlops([imageEmbeddings, textEmbeddings]);
}

/** Operations of choosing one batch: learner and teacher embed the super-batch and compare all with all (paper §2.5; JEST). */
function scoringFlops(
  timeline: Timeline,
  spec: StageSpec,
  { teacher }: StageCuration,
  superBatch: number,
): number {
  const { config } = stageModel(timeline, spec);
  return [config, variantConfig(teacher)]
    .map(
      (one) =>
        superBatch * embeddingFlops(one) + matmulFlops(superBatch, one.text.projectionSize, superBatch),
    )
    .reduce((sum, flops) => sum + flops);
}

/** What choosing the examples of a stage takes: every update chooses its batch from a super-batch. */
function choiceOf(timeline: Timeline, { spec, superBatch }: StageSchedule, steps: number) {
  const { curation } = spec;
  if (!curation) return undefined;
  const flops = steps * scoringFlops(timeline, spec, curation, superBatch);
  return { scored: steps * superBatch, flops };
}

/** The cost of a step; stages that differ only in when they run share it. */
function costs(timeline: Timeline) {
  const known = new Map<string, StepCost>();
  return ({ spec, optimizer }: StageSchedule, batch: number, length: number | undefined): StepCost => {
    const key = JSON.stringify([spec.losses, spec.images, batch, length]);
    const cost =
      known.get(key) ??
      largeStepCost(
        (images) => stageObjective(timeline, spec, { images, ...(length !== undefined && { length }) }),
        optimizer,
        batch,
      );
    known.set(key, cost);
    return cost;
  };
}

function learningRateAt({ optimizer, schedule }: StageSchedule, part: SchedulePart, step: number): number {
  return optimizer.learningRate * scheduleAt(positionAt(step, part), schedule);
}

/** The place of the stage that a stage continues. */
function parentIn(stages: readonly StageSchedule[], { from }: StageSpec): number | undefined {
  const index = stages.findIndex(({ spec }) => spec.name === from);
  return index === -1 ? undefined : index;
}

interface CountedStage {
  readonly stage: StageSchedule;
  readonly updates: StageUpdates;
  readonly graphs: readonly CountedGraph[];
  readonly costs: readonly CountedCost[];
}

function costOfStage(
  timeline: Timeline,
  { stage, updates: { part }, graphs, costs: counted }: CountedStage,
  passing: number,
): StageCost {
  const { spec, schedule } = stage;
  const { flops, memory } = sumCosts(counted, passing);
  const choice = choiceOf(timeline, stage, part.steps);
  return {
    name: spec.name,
    ...(spec.from !== undefined && { from: spec.from }),
    losses: spec.losses,
    images: describeImages(spec),
    steps: part.steps,
    ...(part.steps === stage.part.steps && { batches: stage.batches }),
    examples: graphs.reduce((sum, { batch, count }) => sum + batch * count, 0),
    ...(choice && { scored: choice.scored, choosing: 'counted' as const }),
    schedule: { from: part.from, to: part.to, total: schedule.totalSteps },
    learningRate: { first: learningRateAt(stage, part, 0), last: learningRateAt(stage, part, part.steps) },
    flops: flops + (choice?.flops ?? 0),
    memory,
  };
}

/**
 * What a timeline will take, from graphs that are only described: nothing is compiled, drawn or allocated.
 * @param seed decides the NaFlex lengths, and with them the exact number of updates
 * @param steps cuts every stage that has more updates to as many, as `timelineRun` does
 * @example
 * for (const { name, flops } of timelineCosts(paperTimeline('base'))) console.log(name, flops);
 */
export function timelineCosts(timeline: Timeline, seed = 0, steps?: number): StageCost[] {
  const costOf = costs(timeline);
  const stages = stageSchedules(timeline, seed);
  const counted = stages.map((stage) => {
    const updates = stageUpdates(stage, timeline.batch, steps);
    const graphs = graphsOf(stage.spec, updates, timeline.batch);
    return {
      stage,
      updates,
      graphs,
      costs: graphs.map(({ batch, length, count }) => ({ cost: costOf(stage, batch, length), count })),
    };
  });
  const passing = passingBytes(
    counted.map(({ stage: { spec }, costs: [first] }) => ({
      entries: first?.cost.entries,
      parent: parentIn(stages, spec),
      withoutMoments: spec.moments === 'reset',
    })),
  );
  return counted.map((one, i) => costOfStage(timeline, one, passing[i]!));
}
