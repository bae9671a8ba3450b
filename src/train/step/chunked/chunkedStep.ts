import type { ChunkedObjective } from '../../losses/chunkedObjective.ts';
import { frozenParameters, trainable } from '../../losses/objective.ts';
import { readReports } from '../reports.ts';
import { allocate } from '../state/buffers.ts';
import { otherBuffer } from '../state/doubleBuffer.ts';
import { shareBuffers, stateOf } from '../state/stateBuffers.ts';
import type { CreateStep, Inside } from '../trainStep.ts';
import { createLoss } from './lossPass.ts';
import { createTower } from './towerPass.ts';
import { createUpdate, gradientUpdate } from './updatePass.ts';

/**
 * A training step in two phases (GradCache, Gao et al. 2021): embeds the batch chunk by chunk without keeping
 * activations, computes the loss and its gradients by embeddings over the whole batch, then goes through the chunks
 * again, forward and backward, and adds up the parameters' gradients for one update. It is the step of the whole batch
 * up to the rounding of sums.
 */
export const createChunkedStep: CreateStep<ChunkedObjective, Inside> = async (
  objective,
  optimizer,
  start,
  {
    ownsInitial,
    own = { feeds: {}, next: {} },
    graph = gradientUpdate(objective, optimizer),
    ...options
  } = {},
) => {
  const use = { next: graph.next, frozen: frozenParameters(objective), own: own.next };
  const state = shareBuffers(use, start, ownsInitial);
  const { sides } = state;
  const fixed = { ...state.frozen, ...own.feeds };
  const trained = [...trainable(objective)].map(([name, { tensor }]) => [name, tensor] as const);
  const gradients = allocate(Object.fromEntries(trained));
  const parts = { objective, sides, fixed, gradients, options };
  const images = await createTower(objective.images, parts);
  const texts = await createTower(objective.texts, parts);
  const loss = await createLoss(parts, images, texts);
  const update = await createUpdate(parts, graph, optimizer, own.next);
  return {
    async run(batch, step, schedule) {
      const { current } = state;
      for (const { data } of Object.values(gradients)) data.fill(0);
      await images.embed(batch, current);
      await texts.embed(batch, current);
      await loss.run(batch, current);
      await images.backward(batch, current);
      await texts.backward(batch, current);
      await update.run(step, schedule, current);
      state.current = otherBuffer(current);
      return readReports({ ...loss.reports, ...update.reports });
    },
    state: () => stateOf(state),
    resumable: () => stateOf(state),
    shared: { dense: state },
    async dispose() {
      for (const part of [images, texts, loss, update]) await part.dispose();
    },
  };
};
