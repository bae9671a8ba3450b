import type { SessionOptions } from '../../tensor/index.ts';
import { allocate, readReports } from '../buffers.ts';
import { frozenParameters, trainable } from '../objective.ts';
import type { OptimizerConfig } from '../optimizer.ts';
import { otherSide } from '../sides.ts';
import type { TrainState } from '../state.ts';
import {
  assertShareable,
  currentState,
  resumableState,
  type StateBuffers,
  stateBuffers,
} from '../stateBuffers.ts';
import type { TrainStep } from '../trainStep.ts';
import { createLoss } from './loss.ts';
import type { CachedObjective } from './objective.ts';
import { createTower } from './tower.ts';
import { createUpdate, gradientUpdate } from './update.ts';

/**
 * A training step in two phases (GradCache, Gao et al. 2021): embeds the batch chunk by chunk without keeping
 * activations, computes the loss and its gradients by embeddings over the whole batch, then goes through the chunks
 * again, forward and backward, and adds up the parameters' gradients for one update. It is the step of the whole batch
 * up to the rounding of sums.
 * @param initial as for `createTrainStep`
 * @throws Error naming an entry of the state that is missing or has a wrong shape
 */
export async function createCachedTrainStep(
  objective: CachedObjective,
  optimizer: OptimizerConfig,
  initial: TrainState | StateBuffers,
  options: SessionOptions = {},
): Promise<TrainStep> {
  const { next } = gradientUpdate(objective, optimizer);
  const use = { next, frozen: frozenParameters(objective), tables: [] };
  const buffers = 'sides' in initial ? initial : stateBuffers(use, initial);
  assertShareable(buffers, use);
  const { sides, frozen } = buffers;
  const trained = [...trainable(objective)].map(([name, { tensor }]) => [name, tensor] as const);
  const gradients = allocate(Object.fromEntries(trained));
  const parts = { objective, sides, frozen, gradients, options };
  const images = await createTower(objective.images, parts);
  const texts = await createTower(objective.texts, parts);
  const loss = await createLoss(parts, images, texts);
  const update = await createUpdate(parts, optimizer);
  return {
    async run(batch, step, schedule) {
      const { current } = buffers;
      for (const { data } of Object.values(gradients)) data.fill(0);
      await images.embed(batch, current);
      await texts.embed(batch, current);
      await loss.run(batch, current);
      await images.backward(batch, current);
      await texts.backward(batch, current);
      await update.run(step, schedule, current);
      buffers.current = otherSide(current);
      return readReports({ ...loss.reports, ...update.reports });
    },
    state: () => currentState(buffers, optimizer),
    resumable: () => resumableState(buffers, optimizer),
    buffers,
    async dispose() {
      for (const part of [images, texts, loss, update]) await part.dispose();
    },
  };
}
