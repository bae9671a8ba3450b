import type { FixedVisionConfig } from '../../../model/config.ts';
import { flatRows, maskOfRows } from '../../../model/patchMasking.ts';
import { fixedVisionTower, type VisionOutputs } from '../../../model/visionTower.ts';
import { normal, type ParameterScope } from '../../../nn/parameters.ts';
import { input, type Tensor } from '../../../tensor/index.ts';
import { maskedCount } from './maskedPositions.ts';
import type { SelfSupervisionSettings, ViewLoss } from './settings.ts';

/** Where the parameters of both sides are declared. */
export interface Sides {
  readonly student: ParameterScope;
  readonly teacher: ParameterScope;
}

export const within = ({ student, teacher }: Sides, name: string): Sides => ({
  student: student.scope(name),
  teacher: teacher.scope(name),
});

/** As BEiT draws it; iBOT and DINOv2 start from zero. The paper says only that it is new (§2.3). */
const MASK_TOKEN = normal(0.02);

/** What the student makes of the local views, for self-distillation. */
export interface LocalPass {
  readonly inputs: Readonly<Record<'local_views', Tensor>>;
  readonly outputs: VisionOutputs;
}

/** What the student makes of the masked global views, for masked prediction. */
export interface MaskedPass {
  readonly inputs: Readonly<Record<'masked_positions', Tensor>>;
  readonly outputs: VisionOutputs;
  /** The masked positions as rows of N·T. */
  readonly rows: Tensor;
}

/** The passes of a step: those of the student that its losses need, and the teacher's over the whole global views. */
export interface Passes {
  readonly inputs: Readonly<Record<'global_views', Tensor>>;
  readonly local?: LocalPass;
  readonly masked?: MaskedPass;
  readonly teacher: VisionOutputs;
}

function localPass(
  student: ParameterScope,
  config: FixedVisionConfig,
  images: number,
  { selfDistillation: { views, localSize } }: SelfSupervisionSettings,
): LocalPass {
  const { channels, patchSize } = config;
  if (localSize < patchSize)
    throw new RangeError(
      `selfSupervision.selfDistillation.localSize is ${localSize}; it must be at least one patch, ${patchSize}`,
    );
  const local_views = input('local_views', 'float32', [images * views, channels, localSize, localSize]);
  return {
    inputs: { local_views },
    outputs: fixedVisionTower(student, local_views, config, { resizePositions: true }),
  };
}

function maskedPass(
  student: ParameterScope,
  token: Tensor,
  global_views: Tensor,
  config: FixedVisionConfig,
  images: number,
  { maskedPrediction: { ratio, place } }: SelfSupervisionSettings,
): MaskedPass {
  const { numPatches } = config;
  const masked_positions = input('masked_positions', 'int32', [images, maskedCount(numPatches, ratio)]);
  const rows = flatRows(masked_positions, numPatches);
  const masking = { token, masked: maskOfRows(rows, images, numPatches), place };
  return {
    inputs: { masked_positions },
    outputs: fixedVisionTower(student, global_views, config, { masking }),
    rows,
  };
}

/**
 * Views and the passes over them, as far as `losses` need them. The student is the vision tower that stands in
 * `sides.student`.
 */
export function viewPasses(
  sides: Sides,
  config: FixedVisionConfig,
  images: number,
  settings: SelfSupervisionSettings,
  losses: readonly ViewLoss[],
): Passes {
  const { imageSize, channels, hiddenSize } = config;
  const global_views = input('global_views', 'float32', [images, channels, imageSize, imageSize]);
  const token = losses.includes('maskedPrediction')
    ? sides.student.get('masked_prediction_head.mask_token', [hiddenSize], MASK_TOKEN)
    : undefined;
  const { student, teacher } = within(sides, 'vision_model');
  const local = losses.includes('selfDistillation')
    ? localPass(student, config, images, settings)
    : undefined;
  const masked = token && maskedPass(student, token, global_views, config, images, settings);
  return {
    inputs: { global_views },
    ...(local && { local }),
    ...(masked && { masked }),
    teacher: fixedVisionTower(teacher, global_views, config),
  };
}
