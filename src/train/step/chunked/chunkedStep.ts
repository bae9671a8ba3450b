import { check } from '../../../tensor/settings.ts';
import type { ChunkedObjective } from '../../losses/chunkedObjective.ts';
import { trainable } from '../../losses/objective.ts';
import { missedStep } from '../optimizer/optimizer.ts';
import { type AnyOptimizer, optimizerSchema } from '../optimizer/rules.ts';
import { readReports } from '../reports.ts';
import { wholeIds } from '../sparse/chunkedTables.ts';
import { createRowFeeds, feedsOf } from '../sparse/rowFeeds.ts';
import { allocate, fill } from '../state/buffers.ts';
import { otherBuffer } from '../state/doubleBuffer.ts';
import type { TrainState } from '../state/state.ts';
import {
  assertShareable,
  currentState,
  resumableState,
  type StateBuffers,
  stateBuffers,
} from '../state/stateBuffers.ts';
import { type StepOptions, stepSchema } from '../step.ts';
import type { TrainStep } from '../trainStep.ts';
import { chunkedGraph } from './chunkedGraph.ts';
import { createLoss } from './lossPass.ts';
import { createTower } from './towerPass.ts';
import { createUpdate } from './updatePass.ts';

/**
 * A training step in two phases (GradCache, Gao et al. 2021): embeds the batch chunk by chunk without keeping
 * activations, computes the loss and its gradients by embeddings over the whole batch, then goes through the chunks
 * again, forward and backward, and adds up the parameters' gradients for one update. It is the step of the whole batch
 * up to the rounding of sums. A large token table is updated by the rows of the whole batch, as in `createDenseStep`.
 * @param initial as for `createDenseStep`
 * @throws Error naming an entry of the state that is missing or has a wrong shape
 */
export async function createChunkedStep(
  whole: ChunkedObjective,
  optimizer: AnyOptimizer,
  initial: TrainState | StateBuffers,
  stepOptions: StepOptions = {},
): Promise<TrainStep> {
  check('optimizer', optimizerSchema, optimizer);
  check('step', stepSchema, stepOptions);
  const { sparse, ownsInitial, ...options } = stepOptions;
  const { objective, stands, update: graph, use } = chunkedGraph(whole, optimizer, sparse);
  const buffers = 'sides' in initial ? initial : stateBuffers(use, initial, ownsInitial);
  assertShareable(buffers, use);
  const { sides, past } = buffers;
  const ids = wholeIds(whole, stands);
  const rows = stands.map(({ table }) => createRowFeeds(table, ids, buffers, optimizer));
  const ofRows = feedsOf(rows);
  const fixed = { ...buffers.frozen, ...ofRows.rows };
  const trained = [...trainable(objective)].map(([name, { tensor }]) => [name, tensor] as const);
  const gradients = allocate(Object.fromEntries(trained));
  const parts = { objective, sides, fixed, gradients, options };
  const images = await createTower(objective.images, parts);
  const texts = await createTower(objective.texts, parts);
  const loss = await createLoss(parts, images, texts);
  const update = await createUpdate(parts, graph, optimizer, ofRows.next);
  return {
    async run(feeds, step, schedule) {
      const { current } = buffers;
      fill(ids, feeds);
      for (const { take } of rows) take(ids);
      const batch = { ...feeds, ...ofRows.places };
      for (const { data } of Object.values(gradients)) data.fill(0);
      await images.embed(batch, current);
      await texts.embed(batch, current);
      await loss.run(batch, current);
      await images.backward(batch, current);
      await texts.backward(batch, current);
      await update.run(step, schedule, current);
      buffers.current = otherBuffer(current);
      if (rows.length > 0) past.push(missedStep(step, schedule, optimizer));
      for (const { put } of rows) put();
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
