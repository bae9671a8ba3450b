import type { FixedVisionConfig } from '../../../model/config.ts';
import type { Loss, LossContext, LossRequest } from '../loss.ts';
import { oncePer } from '../oncePer.ts';
import { COLLAPSE } from './collapse.ts';
import { selfSupervision } from './selfSupervision.ts';
import {
  MASKED_PREDICTION_WEIGHT,
  SELF_DISTILLATION_WEIGHT,
  type SelfSupervisionSettings,
  VIEW_LOSSES,
  type ViewLoss,
} from './settings.ts';
import { viewArrays } from './viewArrays.ts';

/** Those of the two that a stage has. */
const named = ({ losses }: LossContext | LossRequest): readonly ViewLoss[] =>
  VIEW_LOSSES.filter((name) => losses.includes(name));

function fixedVision({ stage, config: { vision } }: LossContext | LossRequest): FixedVisionConfig {
  if (vision.kind !== 'fixed')
    throw new RangeError(`stage ${stage}: NaFlex images have no self-supervised losses (paper §2.4.2)`);
  return vision;
}

/** The passes of both losses, which a stage with both makes once. */
const passesOf = oncePer((context: LossContext, settings: SelfSupervisionSettings) =>
  selfSupervision(
    fixedVision(context),
    context.batch.images,
    settings,
    context.model.parameters,
    named(context),
  ),
);

/** The views of a batch, which are cut once. */
const viewsOf = oncePer((request: LossRequest, settings: SelfSupervisionSettings) =>
  viewArrays(fixedVision(request), settings, named(request), request),
);

/** @param entropy the name of its teacher's entropy among the metrics */
const viewLoss = (name: ViewLoss, weight: number, entropy: string): Loss<SelfSupervisionSettings> => ({
  name,
  weight,
  objective(context, settings) {
    const { metrics, inputs, carried } = passesOf(context, settings);
    return {
      loss: metrics[name]!,
      metrics: { [entropy]: metrics[entropy]! },
      inputs,
      carried,
      notice: (values) => COLLAPSE[name](settings, values),
      weight: settings[name].weight,
      group: { name: 'selfSupervision', factor: settings.sizeFactor },
    };
  },
  batch: viewsOf,
});

/** Local-to-global consistency (SILC; paper §2.3) as a loss of stages. */
export const selfDistillationLoss = viewLoss('selfDistillation', SELF_DISTILLATION_WEIGHT, 'teacherEntropy');

/** Masked prediction (TIPS; paper §2.3) as a loss of stages. */
export const maskedPredictionLoss = viewLoss(
  'maskedPrediction',
  MASKED_PREDICTION_WEIGHT,
  'patchTeacherEntropy',
);
