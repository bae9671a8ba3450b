import { PROCESS_BYTES } from './machine/processMemory.ts';
import type { StepCost } from './stepCost.ts';

/** What a stage will take. */
export interface StageCost {
  readonly name: string;
  /** The stage whose end it starts from. */
  readonly from?: string;
  /** Losses, or what the objective reports where the losses are not named. */
  readonly losses: readonly string[];
  /** The images: `256²/16`, or `naflex/16 128, 256`. */
  readonly images: string;
  /** Updates; undefined where that depends on what the stages before learn. */
  readonly steps?: number;
  /** Batches of the timeline's size, for a timeline's stage that is not cut: fewer than `steps` where some are split. */
  readonly batches?: number;
  /** Examples that it trains on. */
  readonly examples?: number;
  /** Examples that are scored to choose them. */
  readonly scored?: number;
  /** Whether `flops` has the scoring, for a stage that chooses its examples. `memory` never has. */
  readonly choosing?: 'counted' | 'not counted';
  /** Part of the schedule, in steps of the whole. */
  readonly schedule?: { readonly from: number; readonly to: number; readonly total: number };
  /** Learning rate of the first update and after the last. */
  readonly learningRate?: { readonly first: number; readonly last: number };
  /** What a user should know of its learning rates. */
  readonly notice?: string;
  /** Floating-point operations of the stage's matrix products. */
  readonly flops?: number;
  /** Bytes that its largest step needs. */
  readonly memory?: StageMemory;
}

/** Bytes of a stage's largest step, and of what is in memory beside it. */
export interface StageMemory {
  /** Parameters, moments and what is carried, with the second set that a step writes. */
  readonly state: number;
  /** The rest: activations, gradients and the batch. */
  readonly working: number;
  /** Intermediate values at their most, as part of `working`. */
  readonly activations: number;
  /** What stages before it have trained and it does not: it goes through unchanged. */
  readonly passing: number;
  /** The process itself: see `PROCESS_BYTES`. */
  readonly process: number;
  /** What the process takes at its most. */
  readonly total: number;
}

/** The costs of a stage's graphs, and how many updates each has. */
export interface CountedCost {
  readonly cost: StepCost;
  readonly count: number;
}

/** Operations and memory of a stage from those of its graphs, and bytes of what goes through it. */
export function sumCosts(
  costs: readonly CountedCost[],
  passing: number,
): Required<Pick<StageCost, 'flops' | 'memory'>> {
  const largest = (bytes: (one: StepCost) => number) =>
    costs.reduce((most, { cost }) => Math.max(most, bytes(cost)), 0);
  const [state, working] = [largest((one) => one.stateBytes), largest((one) => one.workingBytes)];
  const activations = largest((one) => one.activationBytes);
  const total = state + working + passing + PROCESS_BYTES;
  return {
    flops: costs.reduce((sum, { cost, count }) => sum + cost.flops * count, 0),
    memory: { state, working, activations, passing, process: PROCESS_BYTES, total },
  };
}
