import {
  type Arrays,
  type BoundRun,
  compile,
  type Session,
  type SessionOptions,
  zeros,
} from '../tensor/index.ts';
import {
  allocate,
  allocateInputs,
  assertShareable,
  type Buffers,
  fill,
  prefixed,
  type StateBuffers,
  stateBuffers,
} from './buffers.ts';
import { frozenParameters, type Objective } from './objective.ts';
import { type OptimizerConfig, optimizerScalars } from './optimizer.ts';
import type { TrainState } from './state.ts';
import { updateGraph } from './updateGraph.ts';

export type { Carried, Objective } from './objective.ts';
export { initialState, type TrainState } from './state.ts';

/** What a training step computes besides new parameters. */
export interface StepResult {
  readonly loss: number;
  /** Named scalars that the objective reports, e.g. the parts of the loss. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Norm of all gradients before clipping. */
  readonly gradientNorm: number;
}

export interface TrainStep {
  /** Computes one update from a batch and makes it the current state. */
  run(batch: Arrays, step: number, schedule: number): Promise<StepResult>;
  /** The current state. Its arrays are reused by later steps: copy what must last. */
  state(): TrainState;
  /** Where the state is, for another step to share. */
  readonly buffers: StateBuffers;
  dispose(): Promise<void>;
}

/**
 * Compiles forward, backward and update into one graph and binds its buffers.
 * @param initial the state to start from. It is copied, except for frozen parameters, which are read where they are:
 * leave those unchanged. Or the buffers of another step, to train one state with both in turn.
 * @throws Error naming an entry of the state that is missing or has a wrong shape
 */
export async function createTrainStep(
  objective: Objective,
  optimizer: OptimizerConfig,
  initial: TrainState | StateBuffers,
  options: SessionOptions = {},
): Promise<TrainStep> {
  const { next, reported, scalars } = updateGraph(objective, optimizer);
  // A state that does not fit is refused before the graph is compiled.
  const buffers = 'sides' in initial ? initial : stateBuffers(next, frozenParameters(objective), initial);
  assertShareable(buffers, next, frozenParameters(objective));
  const { sides, frozen } = buffers;
  const outputs = { ...prefixed('next.', next), ...prefixed('report.', reported) };
  const session = await compile({ outputs }, options);

  const batch = allocateInputs(objective.inputs);
  const stepScalars = zeros('float32', [3]);
  const reports = allocate(reported);
  const bind = (from: Buffers, to: Buffers): BoundRun =>
    session.bind(read(session, { ...batch, ...frozen, ...from, [scalars]: stepScalars }), {
      ...prefixed('report.', reports),
      ...prefixed('next.', to),
    });
  const runs: readonly [BoundRun, BoundRun] = [bind(sides[0], sides[1]), bind(sides[1], sides[0])];
  return {
    async run(feeds, step, schedule) {
      fill(batch, feeds);
      stepScalars.data.set(optimizerScalars(step, schedule, optimizer).data);
      await runs[buffers.current].run();
      buffers.current = buffers.current === 0 ? 1 : 0;
      return readReports(reports);
    },
    state: () => new Map(Object.entries({ ...frozen, ...sides[buffers.current] })),
    buffers,
    dispose: () => disposeAll(runs, session),
  };
}

/** Those arrays that the graph reads: not every frozen or carried value reaches an output. */
const read = (session: Session, arrays: Arrays): Arrays =>
  Object.fromEntries(session.inputs.flatMap(({ name }) => (arrays[name] ? [[name, arrays[name]]] : [])));

function readReports(reports: Buffers): StepResult {
  const values = Object.entries(reports).map(([name, { data }]) => [name, data[0]!] as const);
  const { loss, gradient_norm, ...metrics } = Object.fromEntries(values);
  return { loss: loss!, gradientNorm: gradient_norm!, metrics };
}

async function disposeAll(runs: readonly BoundRun[], session: Session): Promise<void> {
  for (const run of runs) run.dispose();
  await session.dispose();
}
