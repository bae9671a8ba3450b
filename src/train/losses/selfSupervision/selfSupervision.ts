import { type FixedVisionConfig, visionSchema } from '../../../model/config.ts';
import type { DistillationHeadConfig } from '../../../model/distillationHead.ts';
import { type ParameterTable, parameterScope, ZEROS } from '../../../nn/parameters.ts';
import { add, input, mul, scalar, type Tensor } from '../../../tensor/index.ts';
import { check, count, listOf, oneOf } from '../../../tensor/settings.ts';
import type { Carried, Trained } from '../objective.ts';
import { collapseNotice } from './collapse.ts';
import type { Distilled } from './distill.ts';
import { maskedPrediction } from './maskedPrediction.ts';
import { type LocalPass, type MaskedPass, type Passes, type Sides, viewPasses, within } from './passes.ts';
import { selfDistillation } from './selfDistillation.ts';
import {
  type SelfSupervisionSettings,
  selfSupervisionSchema,
  VIEW_LOSSES,
  type ViewLoss,
} from './settings.ts';
import { followingTeacher, TEACHER } from './teacher.ts';

/** Both losses, or one of them, as a part of an objective: add `loss`, and hand on the rest. */
export interface SelfSupervision {
  /** k·(w_distillation·L_distillation + w_mask·L_mask), a scalar. */
  readonly loss: Tensor;
  /**
   * `selfDistillation`, `maskedPrediction` (unweighted), `teacherEntropy` and `patchTeacherEntropy`, in nats: those of
   * the losses that there are.
   */
  readonly metrics: Readonly<Record<string, Tensor>>;
  /**
   * `global_views` [N, 3, S, S]; for self-distillation `local_views` [N·V, 3, s, s], the V crops of one picture after
   * another; for masked prediction `masked_positions` int32 [N, M], the patches of each global view that the student
   * does not see (`drawMaskedPositions`). Pixels are in [−1, 1].
   */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** The given table with heads and mask token added. */
  readonly parameters: ParameterTable;
  /** The teacher (`teacher.…`) and the centres (`centre.…`). */
  readonly carried: ReadonlyMap<string, Carried>;
  /** That a loss has collapsed. */
  readonly notice: NonNullable<Trained['notice']>;
}

/** One of the two losses, with the names that it has outside. */
interface ViewPart {
  readonly name: ViewLoss;
  readonly entropy: string;
  readonly weight: number;
  readonly distilled: Distilled;
  /** Running mean of the teacher's logits, [K], under its name. */
  readonly centre: readonly [string, Tensor];
}

/** A centre that starts at zero. */
const declareCentre = (name: string, { prototypes }: DistillationHeadConfig) =>
  [`centre.${name}`, input(`centre.${name}`, 'float32', [prototypes])] as const;

function localPart(
  { outputs }: LocalPass,
  teacher: Passes['teacher'],
  heads: Sides,
  { selfDistillation: settings }: SelfSupervisionSettings,
): ViewPart {
  const centre = declareCentre('distillation', settings.head);
  const sides = { local: outputs.pooled, global: teacher.pooled, heads, centre: centre[1] };
  const distilled = selfDistillation(sides, settings);
  return { name: 'selfDistillation', entropy: 'teacherEntropy', weight: settings.weight, distilled, centre };
}

function maskedPart(
  { outputs, rows }: MaskedPass,
  teacher: Passes['teacher'],
  heads: Sides,
  head: DistillationHeadConfig,
  { maskedPrediction: settings }: SelfSupervisionSettings,
): ViewPart {
  const centre = declareCentre('masked_prediction', head);
  const sides = { masked: outputs.tokens, whole: teacher.tokens, rows, heads, centre: centre[1] };
  const distilled = maskedPrediction(sides, { ...settings, head });
  const names = { name: 'maskedPrediction', entropy: 'patchTeacherEntropy' } as const;
  return { ...names, weight: settings.weight, distilled, centre };
}

function viewParts(
  { local, masked, teacher }: Passes,
  sides: Sides,
  settings: SelfSupervisionSettings,
): readonly ViewPart[] {
  const own = settings.maskedPrediction.head;
  const heads = within(sides, 'distillation_head');
  const [patchHeads, patchHead] =
    own === 'shared'
      ? [heads, settings.selfDistillation.head]
      : [within(sides, 'masked_prediction_head'), own];
  return [
    ...(local ? [localPart(local, teacher, heads, settings)] : []),
    ...(masked ? [maskedPart(masked, teacher, patchHeads, patchHead, settings)] : []),
  ];
}

const carriedCentre = ({
  centre: [name, tensor],
  distilled: { nextCentre },
}: ViewPart): [string, Carried] => [name, { tensor, initial: ZEROS, next: () => nextCentre }];

const lossesSchema = listOf(oneOf(VIEW_LOSSES), 1);

/**
 * Self-distillation and masked prediction (paper §2.3; SILC, TIPS): a teacher that follows the student sees the whole
 * global view; the student sees local crops, and the global view with patches masked. They involve the vision
 * tower and two heads only, and views of their own, not the pictures of the other losses.
 * @param images N
 * @param parameters the model's table, so that the student is the model's own vision tower
 * @param losses which of them. Default: both
 * @throws RangeError when a setting is out of its range
 * @example
 * const { vision } = variantConfig('B/16');
 * if (vision.kind === 'fixed') selfSupervision(vision, 8, paperSelfSupervision(vision, 'base'));
 */
export function selfSupervision(
  config: FixedVisionConfig,
  images: number,
  settings: SelfSupervisionSettings,
  parameters: ParameterTable = new Map(),
  losses: readonly ViewLoss[] = VIEW_LOSSES,
): SelfSupervision {
  check('vision', visionSchema, config);
  check('images', count, images);
  check('selfSupervision', selfSupervisionSchema, settings);
  check('losses', lossesSchema, losses);
  const teacherParameters: ParameterTable = new Map();
  const sides: Sides = {
    student: parameterScope(parameters),
    teacher: parameterScope(teacherParameters, TEACHER),
  };
  const passes = viewPasses(sides, config, images, settings, losses);
  const parts = viewParts(passes, sides, settings);
  return {
    loss: mul(
      parts.map(({ distilled, weight }) => mul(distilled.loss, scalar(weight))).reduce(add),
      scalar(settings.sizeFactor),
    ),
    metrics: Object.fromEntries([
      ...parts.map(({ name, distilled }) => [name, distilled.loss] as const),
      ...parts.map(({ entropy, distilled }) => [entropy, distilled.teacherEntropy] as const),
    ]),
    inputs: { ...passes.inputs, ...passes.local?.inputs, ...passes.masked?.inputs },
    parameters,
    carried: new Map([
      ...followingTeacher(teacherParameters, settings.teacherMomentum),
      ...parts.map(carriedCentre),
    ]),
    notice: (metrics) => collapseNotice(settings, metrics),
  };
}
