import type { ParameterTable } from '../../../nn/parameters.ts';
import { bytesOf } from '../../../tensor/cost/memory.ts';
import {
  add,
  float32,
  input,
  type NdArray,
  reshape,
  slice,
  sqrt,
  sumSquares,
  type Tensor,
} from '../../../tensor/index.ts';
import { type AdamConfig, type AdamStep, adamStep } from './adam.ts';
import { chainMove, type Move, type MoveSite, type StepScalars } from './chain.ts';
import { decayKind } from './decay.ts';
import { fusedMove, plainAdam } from './fused.ts';
import { type Moment, momentEntry } from './moments.ts';
import { type AnyOptimizer, type Rule, ruleFor, rulesOf } from './rules.ts';

/** The optimizer's inputs that change from step to step, as one graph input: the schedule, then those of the moves. */
const SCALARS = 'optimizer_scalars';

export interface OptimizerGraph {
  /** Name of the per-step scalar input. */
  readonly scalars: string;
  /** New values by state name: the parameter's own name, and those of its moments. */
  readonly updates: Readonly<Record<string, Tensor>>;
  /** Norm of all gradients before clipping, a scalar. */
  readonly gradientNorm: Tensor;
}

const moveOf = ({ chain }: Rule): Move => fusedMove(chain) ?? chainMove(chain);

const scalarSources = (moves: Iterable<Move>): ReadonlySet<StepScalars> =>
  new Set([...moves].flatMap(({ scalars }) => scalars));

/**
 * Values of the per-step scalars. Of {@link OptimizerConfig}: [schedule, lr·schedule·√(1−β2ᵗ)/(1−β1ᵗ), ε·√(1−β2ᵗ)] with
 * t = step + 1.
 */
export function optimizerScalars(
  step: number,
  schedule: number,
  optimizer: AnyOptimizer,
): NdArray<'float32'> {
  const sources = scalarSources(rulesOf(optimizer).map(moveOf));
  const values = [schedule, ...[...sources].flatMap((source) => source(step, schedule))];
  return float32([values.length], values);
}

/** Names of the moments that an optimizer keeps of a parameter. */
export const momentNames = (path: string, optimizer: AnyOptimizer): string[] =>
  momentsOf(path, optimizer).map((moment) => momentEntry(moment, path));

const momentsOf = (path: string, optimizer: AnyOptimizer): readonly Moment[] =>
  moveOf(ruleFor(path, rulesOf(optimizer))).moments;

/** Bytes of the moments that an optimizer keeps of parameters. */
export const momentBytes = (table: ParameterTable, optimizer: AnyOptimizer): number =>
  [...table].reduce(
    (total, [path, { tensor }]) => total + momentsOf(path, optimizer).length * bytesOf(tensor),
    0,
  );

/** An element of the per-step input, a scalar. */
const at = (vector: Tensor, index: number): Tensor => reshape(slice(vector, 0, index, index + 1), []);

/** What all parameters of a graph share. */
function sharedTensors(rules: readonly Rule[], moves: Iterable<Move>, gradients: readonly Tensor[]) {
  const decays = rules.flatMap(({ chain }) => chain.map(decayKind.settingsOf));
  const sources = [...scalarSources(moves)];
  const counts = sources.map((source) => source(0, 0).length);
  const starts = counts.map((_, i) => counts.slice(0, i).reduce((sum, count) => sum + count, 1));
  const scalars = input(SCALARS, 'float32', [counts.reduce((sum, count) => sum + count, 1)]);
  const values = sources.map((source, i) => {
    const own = Array.from({ length: counts[i]! }, (_, j) => at(scalars, starts[i]! + j));
    return [source, own] as const;
  });
  const bySource = new Map(values);
  const built = new Map<string, Tensor>();
  return {
    gradientNorm: sqrt(gradients.map((gradient) => sumSquares(gradient)).reduce(add)),
    schedule: at(scalars, 0),
    kernelDecay: decays.find((decay) => decay !== undefined) ?? 0,
    scalarsOf: (source: StepScalars) => bySource.get(source)!,
    once(key: string, build: () => Tensor): Tensor {
      const tensor = built.get(key) ?? build();
      built.set(key, tensor);
      return tensor;
    },
  } satisfies Partial<MoveSite>;
}

/** A parameter's moments as the graph reads them. */
function momentInputs(
  name: string,
  shape: readonly number[],
  moments: readonly Moment[],
): MoveSite['moment'] {
  const inputs = new Map(
    moments.map((moment) => [moment, input(momentEntry(moment, name), 'float32', shape)] as const),
  );
  return (moment) => {
    const tensor = inputs.get(moment);
    if (!tensor) throw new Error(`${name} has no ${moment}: name it among the moments of a transform`);
    return tensor;
  };
}

/**
 * Adds the update of every parameter to a graph, each by the first rule that matches its name. Chains of clipping, Adam or
 * Muon, decay and schedule take fewer passes over memory than they are written in.
 * @param gradients in the order of the table
 * @throws Error naming a parameter that no rule matches, or a transform that does not give what it says
 */
export function optimizerGraph(
  table: ParameterTable,
  gradients: readonly Tensor[],
  optimizer: AnyOptimizer,
): OptimizerGraph {
  const rules = rulesOf(optimizer);
  const moves = new Map(rules.map((rule) => [rule, moveOf(rule)]));
  const shared = sharedTensors(rules, moves.values(), gradients);
  const updates: Record<string, Tensor> = {};
  [...table].forEach(([name, { tensor, shape, rowsOf: path = name }], i) => {
    const move = moves.get(ruleFor(path, rules))!;
    const moment = momentInputs(name, shape, move.moments);
    const { next, moments } = move.apply({
      ...shared,
      path,
      parameter: tensor,
      gradient: gradients[i]!,
      moment,
    });
    updates[name] = next;
    for (const kept of move.moments) updates[momentEntry(kept, name)] = moments[kept]!;
  });
  return { scalars: SCALARS, updates, gradientNorm: shared.gradientNorm };
}

/** The Adam by which rows can wait: all that do share the updates that they miss. */
const waitingAdam = (rules: readonly Rule[]): AdamConfig | undefined =>
  rules.map(({ chain }) => plainAdam(chain)).find((config) => config !== undefined);

/** The Adam of rows that wait. @throws Error when none can */
export function rowAdam(optimizer: AnyOptimizer): AdamConfig {
  const config = waitingAdam(rulesOf(optimizer));
  if (!config) throw new Error('no rule of the optimizer lets rows of a table wait');
  return config;
}

/**
 * The Adam whose updates of a zero gradient a row of a parameter can take later, in closed form. Undefined where a row
 * cannot wait: where decay, Muon or another transform moves it in every step, or another Adam than the rules' first.
 */
export function missed(path: string, optimizer: AnyOptimizer): AdamConfig | undefined {
  const rules = rulesOf(optimizer);
  const waiting = waitingAdam(rules);
  return plainAdam(ruleFor(path, rules).chain) === waiting ? waiting : undefined;
}

/** What rows that wait miss in a step, as the graph has it: float32. @throws Error as {@link rowAdam} */
export function missedStep(step: number, schedule: number, optimizer: AnyOptimizer): AdamStep {
  const { rate, epsilon } = adamStep(step, rowAdam(optimizer), schedule);
  return { rate: Math.fround(rate), epsilon: Math.fround(epsilon) };
}
