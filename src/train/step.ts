import { type SessionOptions, zeros } from '../tensor/index.ts';
import { allocate, allocateInputs, copyInto, fill, frozenArrays, prefixed, readReports } from './buffers.ts';
import type { Objective } from './objective.ts';
import { type OptimizerConfig, optimizerScalars } from './optimizer.ts';
import { createPass, otherSide, type SideIndex, type Sides } from './sides.ts';
import type { TrainState } from './state.ts';
import type { TrainStep } from './trainStep.ts';
import { updateGraph } from './updateGraph.ts';

export type { Carried, Objective } from './objective.ts';
export { initialState, type TrainState } from './state.ts';
export type { StepResult, TrainStep } from './trainStep.ts';

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
  const sides: Sides = [allocate(next), allocate(next)];
  // A state that does not fit is refused before the graph is compiled.
  copyInto(sides[0], initial);
  const frozen = frozenArrays(objective, initial);
  const batch = allocateInputs(objective.inputs);
  const stepScalars = zeros('float32', [3]);
  const reports = allocate(reported);
  const pass = await createPass(
    { ...prefixed('next.', next), ...prefixed('report.', reported) },
    sides,
    { ...batch, ...frozen, [scalars]: stepScalars },
    (side) => ({ ...prefixed('next.', sides[otherSide(side)]), ...prefixed('report.', reports) }),
    options,
  );
  let current: SideIndex = 0;
  return {
    async run(feeds, step, schedule) {
      fill(batch, feeds);
      stepScalars.data.set(optimizerScalars(step, schedule, optimizer).data);
      await pass.run(current);
      current = otherSide(current);
      return readReports(reports);
    },
    state: () => new Map(Object.entries({ ...frozen, ...sides[current] })),
    dispose: () => pass.dispose(),
  };
}
