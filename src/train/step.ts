import { initializeParameters } from '../nn/initialize.ts';
import type { ParameterTable } from '../nn/parameters.ts';
import {
  type Arrays,
  type BoundRun,
  compile,
  grad,
  type NdArray,
  type Session,
  type SessionOptions,
  type Tensor,
  zeros,
} from '../tensor/index.ts';
import { adam, firstMoment, type OptimizerConfig, optimizerScalars, secondMoment } from './optimizer.ts';

/** What a training step computes besides new parameters. */
export interface StepResult {
  readonly loss: number;
  /** Named scalars that the objective reports, e.g. the parts of the loss. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Norm of all gradients before clipping. */
  readonly gradientNorm: number;
}

/** Parameters and moments by name (see optimizer.ts for the moments' names). */
export type TrainState = Map<string, NdArray<'float32'>>;

/** A loss to train: what it is computed from and the parameters it moves. */
export interface Objective {
  readonly parameters: ParameterTable;
  /** Batch inputs by name, with static shapes. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly loss: Tensor;
  /** Scalars to report. */
  readonly metrics: Readonly<Record<string, Tensor>>;
}

export interface TrainStep {
  /** Computes one update from a batch and makes it the current state. */
  run(batch: Arrays, step: number, schedule: number): Promise<StepResult>;
  /** The current state. Its arrays are reused by the step after the next: copy what must last. */
  state(): TrainState;
  dispose(): Promise<void>;
}

/** A whole state: what is given, fresh parameters for the rest, and zero moments. Only the rest is drawn. */
export function initialState(
  table: ParameterTable,
  seed: number,
  given: ReadonlyMap<string, NdArray<'float32'>> = new Map(),
): TrainState {
  const missing: ParameterTable = new Map([...table].filter(([name]) => !given.has(name)));
  const state: TrainState = new Map([...initializeParameters(missing, seed), ...given]);
  for (const [name, { shape }] of table) {
    for (const moment of [firstMoment(name), secondMoment(name)]) {
      if (!given.has(moment)) state.set(moment, zeros('float32', shape));
    }
  }
  return state;
}

/**
 * One set of buffers. A step reads one side and writes the other (the runtime must not write where it reads), so two
 * sides take turns.
 */
type Side = Record<string, NdArray<'float32'>>;

function copyInto(target: Side, state: TrainState): void {
  for (const [name, array] of Object.entries(target)) {
    const source = state.get(name);
    if (!source) throw new Error(`the training state has no ${name}`);
    if (source.shape.join() !== array.shape.join()) {
      throw new Error(
        `${name} is [${source.shape.join(', ')}] in the state and [${array.shape.join(', ')}] in the model`,
      );
    }
    array.data.set(source.data);
  }
}

const allocate = (shapes: Readonly<Record<string, readonly number[]>>): Side =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, zeros('float32', shape)]));

const allocateInputs = (inputs: Readonly<Record<string, Tensor>>): Record<string, NdArray> =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape }]) => [name, zeros(dtype, shape as number[])]),
  );

/**
 * Compiles forward, backward and update into one graph and binds its buffers.
 * @param initial the state to start from; it is copied
 * @throws Error naming an entry of the state that is missing or has a wrong shape
 */
export async function createTrainStep(
  objective: Objective,
  optimizer: OptimizerConfig,
  initial: TrainState,
  options: SessionOptions = {},
): Promise<TrainStep> {
  const { parameters, loss, metrics } = objective;
  const gradients = grad(
    loss,
    [...parameters.values()].map(({ tensor }) => tensor),
  );
  const { updates, gradientNorm, scalars } = adam(parameters, gradients, optimizer);
  const reported: Record<string, Tensor> = { loss, gradient_norm: gradientNorm, ...metrics };
  const stateNames = Object.keys(updates);
  const outputs = {
    ...Object.fromEntries(stateNames.map((name) => [`next.${name}`, updates[name]!])),
    ...Object.fromEntries(Object.entries(reported).map(([name, tensor]) => [`report.${name}`, tensor])),
  };
  const shapes = Object.fromEntries(stateNames.map((name) => [name, updates[name]!.shape as number[]]));
  const sides: readonly [Side, Side] = [allocate(shapes), allocate(shapes)];
  // A state that does not fit is refused before the graph is compiled.
  copyInto(sides[0], initial);
  const session = await compile({ outputs }, options);

  const batch = allocateInputs(objective.inputs);
  const stepScalars = zeros('float32', [3]);
  const reports = Object.fromEntries(
    Object.keys(reported).map((name) => [`report.${name}`, zeros('float32', [])]),
  );
  const bind = (from: Side, to: Side): BoundRun =>
    session.bind(
      { ...batch, ...from, [scalars]: stepScalars },
      { ...reports, ...Object.fromEntries(stateNames.map((name) => [`next.${name}`, to[name]!])) },
    );
  const runs: readonly [BoundRun, BoundRun] = [bind(sides[0], sides[1]), bind(sides[1], sides[0])];
  let current = 0;

  return {
    async run(feeds, step, schedule) {
      fill(batch, feeds);
      stepScalars.data.set(optimizerScalars(step, schedule, optimizer).data);
      await runs[current as 0 | 1].run();
      current = 1 - current;
      return readReports(reports, Object.keys(metrics));
    },
    state: () => new Map(Object.entries(sides[current as 0 | 1])),
    dispose: () => disposeAll(runs, session),
  };
}

function fill(buffers: Readonly<Record<string, NdArray>>, feeds: Arrays): void {
  for (const [name, buffer] of Object.entries(buffers)) {
    const feed = feeds[name];
    if (!feed) throw new Error(`the batch has no ${name}`);
    if (feed.dtype !== buffer.dtype || feed.shape.join() !== buffer.shape.join()) {
      throw new Error(
        `batch input ${name} is ${feed.dtype}[${feed.shape.join(', ')}], the step was built for ` +
          `${buffer.dtype}[${buffer.shape.join(', ')}]`,
      );
    }
    // Same dtype, so the same kind of array: TypeScript cannot relate the two unions.
    (buffer.data as Float32Array).set(feed.data as Float32Array);
  }
}

function readReports(reports: Readonly<Record<string, NdArray>>, metrics: readonly string[]): StepResult {
  const value = (name: string) => Number(reports[`report.${name}`]!.data[0]);
  return {
    loss: value('loss'),
    gradientNorm: value('gradient_norm'),
    metrics: Object.fromEntries(metrics.map((name) => [name, value(name)])),
  };
}

async function disposeAll(runs: readonly BoundRun[], session: Session): Promise<void> {
  for (const run of runs) run.dispose();
  await session.dispose();
}
