import { bytesOf } from '../../tensor/cost/memory.ts';
import { type AnyObjective, isChunked } from '../losses/chunkedObjective.ts';
import { type Objective, trainable } from '../losses/objective.ts';
import { momentNames } from '../step/optimizer/optimizer.ts';
import type { AnyOptimizer } from '../step/optimizer/rules.ts';
import { chunkedFlops, chunkedMemory } from './chunkedCost.ts';
import { denseFlops, denseMemory } from './denseCost.ts';
import type { StepMemory } from './stepMemory.ts';

/** What one update takes. */
export interface StepCost {
  /** Floating-point operations of its matrix products, forward and backward. */
  readonly flops: number;
  /** Bytes of parameters, moments and what is carried, with the second set that a step writes. */
  readonly stateBytes: number;
  /** Bytes of the batch, the gradients and the intermediate values at their most. An estimate. */
  readonly workingBytes: number;
  /** Of these, the bytes of the intermediate values. */
  readonly activationBytes: number;
  /** Bytes of each entry of the state, once. */
  readonly entries: StateEntries;
}

/** Bytes of a state's entries by name. */
export type StateEntries = ReadonlyMap<string, number>;

function entriesOf(objective: AnyObjective, optimizer: AnyOptimizer): StateEntries {
  const moments = [...trainable(objective)].flatMap(([name, { tensor }]) =>
    momentNames(name, optimizer).map((moment) => [moment, bytesOf(tensor)] as const),
  );
  const others = [...objective.parameters, ...(objective.carried ?? [])];
  return new Map([...moments, ...others.map(([name, { tensor }]) => [name, bytesOf(tensor)] as const)]);
}

const stateOf = ({ parameters, moments, carried, secondBuffer }: StepMemory): number =>
  parameters + moments + carried + secondBuffer;

/**
 * The memory of one step, estimated from the objective's graph without compiling or running it: order of the nodes,
 * lifetimes and shapes. The activations are an estimate (see `peakIntermediates`); the rest is counted.
 * @param sparse as for the step (see `StepOptions`)
 * @example
 * const objective = contrastiveObjective(variantConfig('B/16'), { images: 8, texts: 8 });
 * console.log(stepMemory(objective, PAPER_OPTIMIZER).total);
 */
export const stepMemory = (objective: AnyObjective, optimizer: AnyOptimizer, sparse?: boolean): StepMemory =>
  isChunked(objective)
    ? chunkedMemory(objective, optimizer, sparse)
    : denseMemory(objective, optimizer, sparse);

/**
 * Floating-point operations of the matrix products of one step, forward and backward.
 * @example
 * console.log(stepFlops(contrastiveObjective(variantConfig('B/16'), { images: 8, texts: 8 })));
 */
export const stepFlops = (objective: AnyObjective): number =>
  isChunked(objective) ? chunkedFlops(objective) : denseFlops(objective);

/**
 * The cost of an update, counted in its graphs. Nothing is compiled or allocated.
 * @param sparse as for the step
 */
export function stepCost(objective: AnyObjective, optimizer: AnyOptimizer, sparse?: boolean): StepCost {
  const memory = stepMemory(objective, optimizer, sparse);
  const stateBytes = stateOf(memory);
  return {
    flops: stepFlops(objective),
    stateBytes,
    workingBytes: memory.total - stateBytes,
    activationBytes: memory.activations,
    entries: entriesOf(objective, optimizer),
  };
}

/** Batches whose graphs are small; three of them fix a polynomial of degree two. */
const SMALL = [8, 16, 24] as const;

/** The polynomial of degree two through its values at h, 2h and 3h, at x. */
function extrapolate([a, b, c]: readonly [number, number, number], h: number, x: number): number {
  const t = x / h;
  return ((t - 2) * (t - 3) * a) / 2 - (t - 1) * (t - 3) * b + ((t - 1) * (t - 2) * c) / 2;
}

/**
 * The cost of an update on a batch too large to build the graph for (losses in blocks have a node for every block). The
 * operations are a polynomial of degree two in the batch, the logits being the square, so three small batches give them
 * exactly. Memory is continued as a line, which leaves out a square of logits that is not most at small batches. Tables are
 * taken to be updated as a whole, as large batches read most of their rows.
 * @param build the objective for a number of images
 */
export function largeStepCost(
  build: (images: number) => Objective,
  optimizer: AnyOptimizer,
  images: number,
): StepCost {
  if (images <= SMALL[2]) return stepCost(build(images), optimizer);
  const [first, second, third] = SMALL.map((batch) => build(batch)) as [Objective, Objective, Objective];
  const [low, high] = [stepCost(second, optimizer, false), stepCost(third, optimizer, false)];
  const flops = [stepFlops(first), low.flops, high.flops] as const;
  const continued = (bytes: 'workingBytes' | 'activationBytes') => {
    const slope = (high[bytes] - low[bytes]) / (SMALL[2] - SMALL[1]);
    return Math.round(high[bytes] + slope * (images - SMALL[2]));
  };
  return {
    flops: extrapolate(flops, SMALL[0], images),
    stateBytes: low.stateBytes,
    workingBytes: continued('workingBytes'),
    activationBytes: continued('activationBytes'),
    entries: low.entries,
  };
}
