import { add, mul, scalar } from '../../../tensor/index.ts';
import { atLeastZero, check } from '../../../tensor/settings.ts';
import { type Transform, transformKind } from './transform.ts';

/**
 * Whether weight decay touches a parameter: big_vision's mask `.*\/kernel$` in Hugging Face names. Biases, norms,
 * embeddings, positions, the probe and the two scalars are exempt.
 * @example
 * console.log(isKernel('text_model.head.weight'));
 */
export const isKernel = (path: string): boolean =>
  /(?:_proj|fc\d+|head|patch_embedding|prototypes)\.weight$|in_proj_weight$/.test(path);

/** Made without a check: for settings that were checked where they came in. */
export const decayKind = transformKind((weightDecay: number) => ({
  name: 'addDecayedWeights',
  apply: (update, { parameter }) => ({ update: add(update, mul(parameter, scalar(weightDecay))) }),
}));

/**
 * u + λw (optax `add_decayed_weights`). After the learning rate and before the schedule, as big_vision has it, the decay
 * follows the schedule and not the rate: that is the paper's decoupled decay (§2.1; Loshchilov and Hutter 2019).
 * @param weightDecay λ, at least 0
 * @throws RangeError when it is not
 * @example
 * const transform = addDecayedWeights(1e-4);
 */
export function addDecayedWeights(weightDecay: number): Transform {
  check('addDecayedWeights', atLeastZero, weightDecay);
  return decayKind.make(weightDecay);
}
