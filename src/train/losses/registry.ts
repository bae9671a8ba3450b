import {
  atLeastZero,
  callback,
  check,
  listOf,
  object,
  optional,
  settings,
  text,
} from '../../tensor/settings.ts';
import { createRegistry } from '../../tensor/support/registry.ts';
import { decoderLoss } from './locca/decoderLoss.ts';
import type { Loss } from './loss.ts';
import { maskedPredictionLoss, selfDistillationLoss } from './selfSupervision/viewLosses.ts';
import { sigmoid } from './sigmoid/sigmoid.ts';

const lossSchema = settings<Loss>({
  name: text,
  weight: atLeastZero,
  settings: optional(object('a rule for each setting')),
  parts: optional(listOf(text)),
  objective: callback(),
  batch: optional(callback()),
});

/** Every loss that a stage may name, in the order in which a stage adds them. */
export const losses = createRegistry<Loss>('loss', [
  sigmoid,
  decoderLoss,
  selfDistillationLoss,
  maskedPredictionLoss,
]);

/**
 * Adds a loss to those that a stage may name. From then on timelines take it, and progress, log, TensorBoard, report
 * and cost have it. A stage adds its losses in the order in which they were registered, the paper's first.
 * @returns the loss itself
 * @throws RangeError naming the field that is wrong, or where another loss has the name
 * @example
 * import { mul, scalar, square, sum } from 'siglip2/tensor';
 * import { registerLoss } from 'siglip2/train';
 * const smallFeatures = registerLoss({
 *   name: 'smallFeatures',
 *   weight: 1e-4,
 *   objective: ({ model, batch }) => ({ loss: mul(sum(square(model.vision.pooled)), scalar(1 / batch.images)) }),
 * });
 */
export function registerLoss<Settings extends object>(loss: Loss<Settings>): Loss<Settings> {
  check('loss', lossSchema, loss);
  losses.register(loss);
  return loss;
}

/** Names of the metrics that are parts of a loss, in the order in which they are shown. */
export const lossParts = (): readonly string[] => losses.all().flatMap(({ name, parts = [name] }) => parts);

/**
 * What a timeline says of a loss, as a part of its `lossSettings`: the loss's own settings, and its weight (at least 0).
 * @example
 * import { losses, paperTimeline, settingsFor } from 'siglip2/train';
 * const timeline = { ...paperTimeline('base'), lossSettings: settingsFor(losses.get('locca'), { weight: 0.5 }) };
 */
export const settingsFor = <Settings extends object>(
  { name }: Loss<Settings>,
  settings: Settings & { readonly weight?: number },
): Readonly<Record<string, object>> => ({ [name]: settings });
