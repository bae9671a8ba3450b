import { grad } from '../../tensor/index.ts';
import { frozenParameters, type Objective, trainable } from '../losses/objective.ts';
import { optimizerScalars } from './optimizer/optimizer.ts';
import type { AnyOptimizer } from './optimizer/rules.ts';
import { readReports } from './reports.ts';
import { allocate, allocateInputs, fill, prefixed } from './state/buffers.ts';
import { createPass, otherBuffer } from './state/doubleBuffer.ts';
import { shareBuffers, stateOf } from './state/stateBuffers.ts';
import type { CreateStep, Inside } from './trainStep.ts';
import { type UpdateGraph, updateFrom } from './updateGraph.ts';

/**
 * The plain training step: of parameters θ and moments m, v, a batch and the step's number t,
 *
 *     g ← ∇ loss(θ, batch)                                  of all that is trained
 *     g ← g · min(1, clip / ‖g‖)                            one norm over all gradients
 *     m ← β₁·m + (1−β₁)·g,  v ← β₂·v + (1−β₂)·g²            Adam's moments; m̂ and v̂ make up for their start at zero
 *     θ ← θ − schedule(t) · (lr·m̂ / (√v̂ + ε) + decay·θ)      decay on kernels alone
 *
 * as `update_fn` of big_vision's `trainers/proj/image_text/siglip.py` has it, with the paper's optimizer (§2.1; another is
 * another `optimizer`). All of it is one graph, from a batch and a state to the next state, that is compiled once and runs
 * on arrays that stay. What is larger or cheaper than this stands around it, in folders of its own.
 */
export const createDenseStep: CreateStep<Objective, Inside> = async (
  objective,
  optimizer,
  start,
  { ownsInitial, own = { feeds: {}, next: {} }, graph = updateGraph(objective, optimizer), ...session } = {},
) => {
  const { next, reported, scalars } = graph;
  // A state that does not fit is refused before the graph is compiled.
  const use = { next, frozen: frozenParameters(objective), own: own.next };
  const state = shareBuffers(use, start, ownsInitial);
  const { sides, frozen } = state;

  // What the graph reads beside the state, and the numbers that it reports.
  const batch = allocateInputs(objective.inputs);
  const stepScalars = optimizerScalars(0, 0, optimizer);
  const reports = allocate(reported);
  const pass = await createPass(
    { ...prefixed('next.', next), ...prefixed('report.', reported) },
    sides,
    { ...batch, ...frozen, ...own.feeds, [scalars]: stepScalars },
    // It reads one side of the state and writes the other.
    (side) => ({
      ...prefixed('next.', { ...sides[otherBuffer(side)], ...own.next }),
      ...prefixed('report.', reports),
    }),
    session,
  );
  return {
    async run(feeds, step, schedule) {
      fill(batch, feeds);
      stepScalars.data.set(optimizerScalars(step, schedule, optimizer).data);
      await pass.run(state.current);
      state.current = otherBuffer(state.current);
      return readReports(reports);
    },
    state: () => stateOf(state),
    resumable: () => stateOf(state),
    shared: { dense: state },
    dispose: () => pass.dispose(),
  };
};

/**
 * Forward, backward, optimizer, and then what is carried.
 * @throws Error when nothing is trained, or a carried value collides with another name or changes its shape
 */
export function updateGraph(objective: Objective, optimizer: AnyOptimizer): UpdateGraph {
  const { loss, metrics } = objective;
  const tensors = [...trainable(objective).values()].map(({ tensor }) => tensor);
  const { reported, ...update } = updateFrom(objective, grad(loss, tensors), optimizer);
  return { ...update, reported: { loss, ...reported, ...metrics } };
}
