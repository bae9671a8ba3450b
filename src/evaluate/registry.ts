import { createRegistry } from '../tensor/support/registry.ts';
import { checked, type Evaluator } from './evaluator.ts';
import { depth } from './tasks/depth.ts';
import { fewShot } from './tasks/fewShot.ts';
import { referring } from './tasks/referring.ts';
import { retrieval } from './tasks/retrieval.ts';
import { segmentation } from './tasks/segmentation.ts';
import { zeroShot } from './tasks/zeroShot.ts';

/** All evaluators that are found by name. */
export const evaluators = createRegistry<Evaluator>('task', [
  checked(zeroShot),
  checked(retrieval),
  checked(fewShot),
  checked(segmentation),
  checked(depth),
  checked(referring),
]);

/**
 * Adds an evaluator, so that `siglip2 evaluate --task` finds it.
 * @returns the evaluator
 * @throws RangeError when another one has its name
 * @example
 * const width = registerEvaluator({
 *   name: 'width',
 *   description: 'Width of the embeddings.',
 *   options: {},
 *   async *run(encoder) {
 *     yield { metric: 'width', value: encoder.width, count: 1 };
 *   },
 * });
 */
export function registerEvaluator<Options extends object>(evaluator: Evaluator<Options>): Evaluator<Options> {
  evaluators.register(evaluator);
  return evaluator;
}
