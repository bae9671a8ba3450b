import { div, maximum, mul, scalar, type Tensor } from '../../../tensor/index.ts';
import { check, positive } from '../../../tensor/settings.ts';
import { type Transform, transformKind } from './transform.ts';

/** What gradients are multiplied by so that their common norm is at most `largest`, a scalar: largest/max(norm, largest). */
export const clipFactor = (gradientNorm: Tensor, largest: number): Tensor =>
  div(scalar(largest), maximum(gradientNorm, scalar(largest)));

/** Made without a check: for settings that were checked where they came in. */
export const clipKind = transformKind((largest: number) => ({
  name: 'clipByGlobalNorm',
  apply: (update, { gradientNorm }) => ({ update: mul(update, clipFactor(gradientNorm, largest)) }),
}));

/**
 * g·c/max(‖g‖, c), ‖g‖ the norm of all gradients together (optax `clip_by_global_norm`). It belongs at a chain's beginning.
 * @param largest c, above 0
 * @throws RangeError when it is not
 * @example
 * const transform = clipByGlobalNorm(1);
 */
export function clipByGlobalNorm(largest: number): Transform {
  check('clipByGlobalNorm', positive, largest);
  return clipKind.make(largest);
}
