import { type AnyObjective, isChunked } from '../losses/chunkedObjective.ts';
import type { Stage } from '../run/stage.ts';
import { checkStages, parentOf } from '../run/stageTree.ts';
import { factorAt, type Training, totalSteps, trainingNotice } from '../run/training.ts';
import { type CountedCost, type StageCost, sumCosts } from './cost.ts';
import { passingBytes } from './passing.ts';
import { stepCost } from './stepCost.ts';

/** Updates that are looked at to learn how often a stage uses each of its graphs. */
const SAMPLED_STEPS = 1000;

/** Objectives and how many updates each has; from evenly spread updates where there are many. */
function graphsOf(training: Training): Map<AnyObjective, number> {
  const steps = totalSteps(training);
  const { objectiveAt } = training;
  if (!objectiveAt) return new Map([[training.objective, steps]]);
  const sampled = Math.min(steps, SAMPLED_STEPS);
  const counts = new Map<AnyObjective, number>();
  for (let i = 0; i < sampled; i++) {
    const objective = objectiveAt(Math.floor((i * steps) / sampled));
    counts.set(objective, (counts.get(objective) ?? 0) + steps / sampled);
  }
  return counts;
}

const inputsOf = (objective: AnyObjective) => (isChunked(objective) ? objective.images : objective).inputs;
const metricsOf = (objective: AnyObjective) => (isChunked(objective) ? objective.loss : objective).metrics;

const imagesIn = (objective: AnyObjective): number =>
  isChunked(objective) ? objective.images.count : Number(objective.inputs['pixel_values']?.shape[0] ?? 0);

/** Sides of square images and lengths of NaFlex sequences, as the inputs have them. */
function describeImages(objectives: Iterable<AnyObjective>): string {
  const shapes = [...objectives].map((objective) => inputsOf(objective)['pixel_values']?.shape.slice(1));
  const sides = shapes.flatMap((shape) =>
    shape ? [shape.length === 3 ? `${shape[1]}²` : `${shape[0]} patches`] : [],
  );
  return [...new Set(sides)].join(', ') || '–';
}

/** The costs of a training's graphs, and how many updates each has. */
const costsOf = (training: Training): readonly CountedCost[] =>
  [...graphsOf(training)].map(([objective, count]) => ({
    cost: stepCost(objective, training.optimizer),
    count,
  }));

function trainingCost(
  training: Training,
  costs: readonly CountedCost[],
  passing: number,
): Omit<StageCost, 'name' | 'from'> {
  const steps = totalSteps(training);
  const graphs = graphsOf(training);
  const { learningRate } = training.optimizer;
  const { from, to } = training.part ?? { from: 0, to: steps };
  const notice = trainingNotice(training);
  const examples = [...graphs].reduce((sum, [objective, count]) => sum + imagesIn(objective) * count, 0);
  return {
    losses: Object.keys(metricsOf(training.objective)),
    images: describeImages(graphs.keys()),
    steps,
    examples: Math.round(examples),
    // What a `select` computes is its own affair: a function cannot be counted.
    ...(training.select && { choosing: 'not counted' as const }),
    schedule: { from, to, total: training.schedule.totalSteps },
    learningRate: {
      first: learningRate * factorAt(training, 0),
      last: learningRate * factorAt(training, steps),
    },
    ...(notice !== undefined && { notice }),
    ...sumCosts(costs, passing),
  };
}

/**
 * What the stages of a prepared recipe will take, but for those that depend on what is learnt before them. @throws as `trainStages`
 * @example
 * const training = {
 *   objective: contrastiveObjective(variantConfig('B/16'), { images: 2, texts: 2 }),
 *   optimizer: PAPER_OPTIMIZER,
 *   schedule: { totalSteps: 100, warmupSteps: 10 },
 *   seed: 0,
 *   batchAt: () => ({}),
 * };
 * const [cost] = stageCosts([{ name: 'all', training }]);
 */
export function stageCosts(stages: readonly Stage[]): StageCost[] {
  checkStages(stages);
  const costs = stages.map(({ training }) => ('make' in training ? undefined : costsOf(training)));
  const parents = stages.map((_, index) => parentOf(stages, index));
  const passing = passingBytes(
    stages.map(({ dropsMoments = false }, i) => ({
      entries: costs[i]?.[0]?.cost.entries,
      parent: parents[i],
      withoutMoments: dropsMoments,
    })),
  );
  return stages.map(({ name, training }, i) => {
    const parent = parents[i];
    const place = { name, ...(parent !== undefined && { from: stages[parent]!.name }) };
    return 'make' in training
      ? { ...place, losses: [], images: '–', steps: training.steps }
      : { ...place, ...trainingCost(training, costs[i]!, passing[i]!) };
  });
}
