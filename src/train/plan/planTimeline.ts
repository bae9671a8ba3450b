import type { ModelConfig } from '../../model/config.ts';
import { twoTowers } from '../../model/twoTowers.ts';
import { variantConfig } from '../../model/variants.ts';
import { graphFlops, matmulFlops } from '../../tensor/flops.ts';
import { positionAt, scheduleAt } from '../schedule.ts';
import { segmentModel } from '../timeline/segmentModel.ts';
import { segmentObjective } from '../timeline/segmentObjective.ts';
import type { Segment, Timeline } from '../timeline/timeline.ts';
import { type TimelineStage, timelineStages } from '../timeline/timelineStages.ts';
import { type CountedCost, type StagePlan, sumCosts } from './runPlan.ts';
import { largeStepCost, type StepCost } from './stepCost.ts';

const describeImages = ({ images }: Segment): string =>
  images.kind === 'fixed'
    ? `${images.resolution}²/${images.patchSize}`
    : `naflex/${images.patchSize} ${images.lengths.map(({ length }) => length).join(', ')}`;

/** The graphs of a stage: batch and sequence length, and how many updates each has. */
function graphsOf({ segment: { images }, draws, part }: TimelineStage, batch: number) {
  if (images.kind === 'fixed' || !draws) return [{ batch, count: part.steps }];
  const counts = new Map<number, number>();
  for (let step = 0; step < part.steps; step++) {
    const { length } = draws.at(step);
    counts.set(length, (counts.get(length) ?? 0) + 1);
  }
  return images.lengths.map((one) => ({ ...one, count: counts.get(one.length) ?? 0 }));
}

/** Operations of embedding one image and one text. */
function embeddingFlops(config: ModelConfig): number {
  const { imageEmbeddings, textEmbeddings } = twoTowers(config, { images: 1, texts: 1 });
  return graphFlops([imageEmbeddings, textEmbeddings]);
}

/** Operations of choosing one batch: learner and teacher embed the super-batch and compare all with all (SPEC D). */
function scoringFlops(timeline: Timeline, { segment, superBatch }: TimelineStage): number {
  if (!segment.curation) return 0;
  const { config } = segmentModel(timeline, segment);
  const configs = [config, variantConfig(segment.curation.teacher)];
  return configs
    .map(
      (one) =>
        superBatch * embeddingFlops(one) + matmulFlops(superBatch, one.text.projectionSize, superBatch),
    )
    .reduce((sum, flops) => sum + flops);
}

/** The cost of a step; segments that differ only in when they run share it. */
function costs(timeline: Timeline) {
  const known = new Map<string, StepCost>();
  return ({ segment, optimizer }: TimelineStage, batch: number, length: number | undefined): StepCost => {
    const key = JSON.stringify([segment.losses, segment.images, batch, length]);
    const cost =
      known.get(key) ??
      largeStepCost(
        (images) => segmentObjective(timeline, segment, { images, ...(length !== undefined && { length }) }),
        optimizer,
        batch,
      );
    known.set(key, cost);
    return cost;
  };
}

function learningRateAt({ optimizer, schedule, part }: TimelineStage, step: number): number {
  return optimizer.learningRate * scheduleAt(positionAt(step, part), schedule);
}

/**
 * What a timeline will take, from graphs that are only described: nothing is compiled, drawn or allocated.
 * @param seed decides the NaFlex lengths, and with them the exact number of updates
 */
export function planTimeline(timeline: Timeline, seed = 0): StagePlan[] {
  const costOf = costs(timeline);
  return timelineStages(timeline, seed).map((stage) => {
    const { segment, part, schedule, batches, superBatch } = stage;
    const graphs: CountedCost[] = graphsOf(stage, timeline.batch).map((graph) => ({
      cost: costOf(stage, graph.batch, 'length' in graph ? graph.length : undefined),
      count: graph.count,
    }));
    const { flops, memory } = sumCosts(graphs);
    return {
      name: segment.name,
      ...(segment.from !== undefined && { from: segment.from }),
      losses: segment.losses,
      images: describeImages(segment),
      steps: part.steps,
      examples: stage.examples,
      ...(segment.curation && { scored: batches * superBatch }),
      schedule: { from: part.from, to: part.to, total: schedule.totalSteps },
      learningRate: { first: learningRateAt(stage, 0), last: learningRateAt(stage, part.steps) },
      flops: flops + batches * scoringFlops(timeline, stage),
      memory,
    };
  });
}
