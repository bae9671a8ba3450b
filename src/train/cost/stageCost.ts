import { type AnyObjective, isChunked } from '../losses/chunkedObjective.ts';
import type { Stage } from '../recipe.ts';
import { parentOf } from '../run/stageTree.ts';
import { factorAt, planNotice, type Training, totalSteps } from '../run/training.ts';
import { type CountedCost, type StageCost, sumCosts } from './cost.ts';
import { passingBytes } from './passing.ts';
import { stepCost } from './stepCost.ts';

/** Updates that are looked at to learn how often a stage uses each of its graphs. */
const SAMPLED_STEPS = 1000;

/** Objectives and how many updates each has; from evenly spread updates where there are many. */
function graphsOf(plan: Training): Map<AnyObjective, number> {
  const steps = totalSteps(plan);
  const { objectiveAt } = plan;
  if (!objectiveAt) return new Map([[plan.objective, steps]]);
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

/** The costs of a plan's graphs, and how many updates each has. */
const costsOf = (plan: Training): readonly CountedCost[] =>
  [...graphsOf(plan)].map(([objective, count]) => ({ cost: stepCost(objective, plan.optimizer), count }));

function trainingOf(
  plan: Training,
  costs: readonly CountedCost[],
  passing: number,
): Omit<StageCost, 'name' | 'from'> {
  const steps = totalSteps(plan);
  const graphs = graphsOf(plan);
  const { learningRate } = plan.optimizer;
  const { from, to } = plan.part ?? { from: 0, to: steps };
  const notice = planNotice(plan);
  const examples = [...graphs].reduce((sum, [objective, count]) => sum + imagesIn(objective) * count, 0);
  return {
    losses: Object.keys(metricsOf(plan.objective)),
    images: describeImages(graphs.keys()),
    steps,
    examples: Math.round(examples),
    // What a `select` computes is its own affair: a function cannot be counted.
    ...(plan.select && { choosing: 'not counted' as const }),
    schedule: { from, to, total: plan.schedule.totalSteps },
    learningRate: { first: learningRate * factorAt(plan, 0), last: learningRate * factorAt(plan, steps) },
    ...(notice !== undefined && { notice }),
    ...sumCosts(costs, passing),
  };
}

/** What the stages of a prepared recipe will take, but for those that depend on what is learnt before them. */
export function stageCosts(stages: readonly Stage[]): StageCost[] {
  const costs = stages.map(({ plan }) => ('make' in plan ? undefined : costsOf(plan)));
  const parents = stages.map((_, index) => parentOf(stages, index));
  const passing = passingBytes(
    stages.map(({ dropsMoments = false }, i) => ({
      entries: costs[i]?.[0]?.cost.entries,
      parent: parents[i],
      withoutMoments: dropsMoments,
    })),
  );
  return stages.map(({ name, plan }, i) => {
    const parent = parents[i];
    const place = { name, ...(parent !== undefined && { from: stages[parent]!.name }) };
    return 'make' in plan
      ? { ...place, losses: [], images: '–', steps: plan.steps }
      : { ...place, ...trainingOf(plan, costs[i]!, passing[i]!) };
  });
}
