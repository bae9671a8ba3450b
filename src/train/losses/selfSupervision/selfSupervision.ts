import { type FixedVisionConfig, visionSchema } from '../../../model/config.ts';
import type { DistillationHeadConfig } from '../../../model/distillationHead.ts';
import { flatRows, maskOfRows, type PatchMasking } from '../../../model/patchMasking.ts';
import { fixedVisionTower } from '../../../model/visionTower.ts';
import {
  normal,
  type ParameterScope,
  type ParameterTable,
  parameterScope,
  ZEROS,
} from '../../../nn/parameters.ts';
import { add, input, mul, scalar, type Tensor } from '../../../tensor/index.ts';
import { check, count } from '../../../tensor/settings.ts';
import type { Carried, Trained } from '../objective.ts';
import { collapseNotice } from './collapse.ts';
import type { Distilled } from './distill.ts';
import { maskedCount } from './maskedPositions.ts';
import { maskedPrediction } from './maskedPrediction.ts';
import { selfDistillation } from './selfDistillation.ts';
import { type SelfSupervisionSettings, selfSupervisionSchema } from './settings.ts';
import { followingTeacher, TEACHER } from './teacher.ts';

/** Both losses as a part of an objective: add `loss`, and hand on the rest. */
export interface SelfSupervision {
  /** k·(w_distillation·L_distillation + w_mask·L_mask), a scalar. */
  readonly loss: Tensor;
  /** `selfDistillation`, `maskedPrediction` (unweighted), `teacherEntropy` and `patchTeacherEntropy`, in nats. */
  readonly metrics: Readonly<Record<string, Tensor>>;
  /**
   * `global_views` [N, 3, S, S] and `local_views` [N·V, 3, s, s] in [−1, 1] (the V crops of one picture after another),
   * and `masked_positions` int32 [N, M], the patches of each global view that the student does not see
   * (`drawMaskedPositions`).
   */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** The given table with the heads and the mask token added. */
  readonly parameters: ParameterTable;
  /** The teacher (`teacher.…`) and the centres (`centre.…`). */
  readonly carried: ReadonlyMap<string, Carried>;
  /** That a loss has collapsed. */
  readonly notice: NonNullable<Trained['notice']>;
}

interface DoubleBuffer {
  readonly student: ParameterScope;
  readonly teacher: ParameterScope;
}

const within = ({ student, teacher }: DoubleBuffer, name: string): DoubleBuffer => ({
  student: student.scope(name),
  teacher: teacher.scope(name),
});

function declareInputs(
  { imageSize, patchSize, channels, numPatches }: FixedVisionConfig,
  images: number,
  { selfDistillation: { views, localSize }, maskedPrediction: { ratio } }: SelfSupervisionSettings,
) {
  if (localSize < patchSize)
    throw new RangeError(
      `selfSupervision.selfDistillation.localSize is ${localSize}; it must be at least one patch, ${patchSize}`,
    );
  return {
    global_views: input('global_views', 'float32', [images, channels, imageSize, imageSize]),
    local_views: input('local_views', 'float32', [images * views, channels, localSize, localSize]),
    masked_positions: input('masked_positions', 'int32', [images, maskedCount(numPatches, ratio)]),
  };
}

/** A centre that starts at zero. */
const declareCentre = (name: string, { prototypes }: DistillationHeadConfig): Tensor =>
  input(`centre.${name}`, 'float32', [prototypes]);

const carriedCentre = (tensor: Tensor, { nextCentre }: Distilled): Carried => ({
  tensor,
  initial: ZEROS,
  next: () => nextCentre,
});

/** As BEiT draws it; iBOT and DINOv2 start from zero. The paper says only that it is new (SPEC B.5). */
const MASK_TOKEN = normal(0.02);

/**
 * Self-distillation and masked prediction (paper §2.3, SPEC B.3–B.5): a teacher that follows the student sees the whole
 * global view; the student sees local crops, and the global view with patches masked. They involve the vision
 * tower and two heads only, and views of their own, not the pictures of the other losses.
 * @param images N
 * @param parameters the model's table, so that the student is the model's own vision tower
 * @throws RangeError when a setting is out of its range
 */
export function selfSupervision(
  config: FixedVisionConfig,
  images: number,
  settings: SelfSupervisionSettings,
  parameters: ParameterTable = new Map(),
): SelfSupervision {
  check('vision', visionSchema, config);
  check('images', count, images);
  check('selfSupervision', selfSupervisionSchema, settings);
  const teacherParameters: ParameterTable = new Map();
  const sides: DoubleBuffer = {
    student: parameterScope(parameters),
    teacher: parameterScope(teacherParameters, TEACHER),
  };
  const inputs = declareInputs(config, images, settings);
  const maskToken = sides.student.get('masked_prediction_head.mask_token', [config.hiddenSize], MASK_TOKEN);
  const views = towerViews(config, inputs, within(sides, 'vision_model'), images, maskToken, settings);

  const { selfDistillation: local, maskedPrediction: patches } = settings;
  const heads = within(sides, 'distillation_head');
  const shared = patches.head === 'shared';
  const patchSettings = { ...patches, head: patches.head === 'shared' ? local.head : patches.head };
  const centre = {
    distillation: declareCentre('distillation', local.head),
    maskedPrediction: declareCentre('masked_prediction', patchSettings.head),
  };
  const distilled = selfDistillation(
    { local: views.local.pooled, global: views.teacher.pooled, heads, centre: centre.distillation },
    local,
  );
  const predicted = maskedPrediction(
    {
      masked: views.masked.tokens,
      whole: views.teacher.tokens,
      rows: views.rows,
      heads: shared ? heads : within(sides, 'masked_prediction_head'),
      centre: centre.maskedPrediction,
    },
    patchSettings,
  );
  return {
    loss: mul(
      add(mul(distilled.loss, scalar(local.weight)), mul(predicted.loss, scalar(patches.weight))),
      scalar(settings.sizeFactor),
    ),
    metrics: {
      selfDistillation: distilled.loss,
      maskedPrediction: predicted.loss,
      teacherEntropy: distilled.teacherEntropy,
      patchTeacherEntropy: predicted.teacherEntropy,
    },
    inputs,
    parameters,
    carried: new Map([
      ...followingTeacher(teacherParameters, settings.teacherMomentum),
      ['centre.distillation', carriedCentre(centre.distillation, distilled)],
      ['centre.masked_prediction', carriedCentre(centre.maskedPrediction, predicted)],
    ]),
    notice: (metrics) => collapseNotice(settings, metrics),
  };
}

/** The three passes of a step: local views and masked global views (student), whole global views (teacher). */
function towerViews(
  config: FixedVisionConfig,
  inputs: ReturnType<typeof declareInputs>,
  { student, teacher }: DoubleBuffer,
  images: number,
  maskToken: Tensor,
  { maskedPrediction: { place } }: SelfSupervisionSettings,
) {
  const { numPatches } = config;
  const rows = flatRows(inputs.masked_positions, numPatches);
  const masking: PatchMasking = {
    token: maskToken,
    masked: maskOfRows(rows, images, numPatches),
    place,
  };
  return {
    rows,
    local: fixedVisionTower(student, inputs.local_views, config, { resizePositions: true }),
    masked: fixedVisionTower(student, inputs.global_views, config, { masking }),
    teacher: fixedVisionTower(teacher, inputs.global_views, config),
  };
}
