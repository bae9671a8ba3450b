import { check } from '../../tensor/settings.ts';
import { type AnyObjective, isChunked } from '../losses/chunkedObjective.ts';
import { createChunkedStep } from './chunked/chunkedStep.ts';
import { type AnyOptimizer, optimizerSchema } from './optimizer/rules.ts';
import { chunkedRows } from './sparse/chunkedRows.ts';
import { denseRows } from './sparse/denseRows.ts';
import { withSparseTables } from './sparse/sparseStep.ts';
import type { TrainState } from './state/state.ts';
import { createDenseStep } from './step.ts';
import { type StepOptions, stepSchema, type TrainStep } from './trainStep.ts';

const createDense = withSparseTables(createDenseStep, denseRows);
const createChunked = withSparseTables(createChunkedStep, chunkedRows);

/**
 * Compiles the step that an objective asks for: at once or in chunks, with large tables updated by rows.
 * @param start the state to start from, copied unless `ownsInitial` says otherwise. Frozen parameters are read where they
 * are in any case: leave those unchanged. Or what another step shares, to train one state with both in turn.
 * @throws Error naming an entry of the state that is missing or has a wrong shape; RangeError naming an option
 * @example
 * const objective = contrastiveObjective(variantConfig('B/16'), { images: 8, texts: 8 });
 * const step = await createStep(objective, PAPER_OPTIMIZER, initialState(objective, 0));
 * await step.dispose();
 */
export async function createStep(
  objective: AnyObjective,
  optimizer: AnyOptimizer,
  start: TrainState | TrainStep['shared'],
  options: StepOptions = {},
): Promise<TrainStep> {
  check('optimizer', optimizerSchema, optimizer);
  check('step', stepSchema, options);
  return isChunked(objective)
    ? createChunked(objective, optimizer, start, options)
    : createDense(objective, optimizer, start, options);
}
