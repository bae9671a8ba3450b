/** What a stage will take. */
export interface StagePlan {
  readonly name: string;
  /** The stage whose end it starts from. */
  readonly from?: string;
  /** Losses, or what the objective reports where the losses are not named. */
  readonly losses: readonly string[];
  /** The images: `256²/16`, or `naflex/16 128, 256`. */
  readonly images: string;
  /** Updates; undefined where that depends on what the stages before learn. */
  readonly steps?: number;
  /** Examples that it trains on. */
  readonly examples?: number;
  /** Examples that are scored to choose them. */
  readonly scored?: number;
  /** Part of the schedule, in steps of the whole. */
  readonly schedule?: { readonly from: number; readonly to: number; readonly total: number };
  /** Learning rate of the first update and after the last. */
  readonly learningRate?: { readonly first: number; readonly last: number };
  /** Floating-point operations of the stage's matrix products, scoring included. */
  readonly flops?: number;
  /** Bytes that its largest step needs. */
  readonly memory?: { readonly state: number; readonly working: number; readonly total: number };
}

/** The costs of a stage's graphs, and how many updates each has. */
export interface CountedCost {
  readonly cost: { readonly flops: number; readonly stateBytes: number; readonly workingBytes: number };
  readonly count: number;
}

/** Operations and memory of a stage from those of its graphs. */
export function sumCosts(costs: readonly CountedCost[]): Required<Pick<StagePlan, 'flops' | 'memory'>> {
  const largest = (bytes: (one: CountedCost['cost']) => number) =>
    costs.reduce((most, { cost }) => Math.max(most, bytes(cost)), 0);
  const [state, working] = [largest((one) => one.stateBytes), largest((one) => one.workingBytes)];
  return {
    flops: costs.reduce((sum, { cost, count }) => sum + cost.flops * count, 0),
    memory: { state, working, total: state + working },
  };
}
