import { check } from '../../tensor/settings.ts';
import { type AnyObjective, isChunked } from '../losses/chunkedObjective.ts';
import { createChunkedStep } from './chunked/chunkedStep.ts';
import { optimizerSchema } from './optimizer/rules.ts';
import { chunkedRows } from './sparse/chunkedRows.ts';
import { denseRows } from './sparse/denseRows.ts';
import { withSparseTables } from './sparse/sparseStep.ts';
import { createDenseStep } from './step.ts';
import { type CreateStep, type StepOptions, stepSchema } from './trainStep.ts';

const createDense = withSparseTables(createDenseStep, denseRows);
const createChunked = withSparseTables(createChunkedStep, chunkedRows);

/**
 * Compiles the step that an objective asks for: at once or in chunks, with large tables updated by rows.
 * @example
 * const objective = contrastiveObjective(variantConfig('B/16'), { images: 8, texts: 8 });
 * const step = await createStep(objective, PAPER_OPTIMIZER, initialState(objective, 0));
 * await step.dispose();
 */
export const createStep: CreateStep<AnyObjective, StepOptions> = async (
  objective,
  optimizer,
  start,
  options = {},
) => {
  check('optimizer', optimizerSchema, optimizer);
  check('step', stepSchema, options);
  return isChunked(objective)
    ? createChunked(objective, optimizer, start, options)
    : createDense(objective, optimizer, start, options);
};
