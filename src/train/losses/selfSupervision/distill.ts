import {
  type DistillationHeadConfig,
  distillationHead,
  type HeadOutputs,
} from '../../../model/distillationHead.ts';
import type { ParameterScope } from '../../../nn/parameters.ts';
import { add, matmul, mul, reshape, scalar, staticDim, sum, type Tensor } from '../../../tensor/index.ts';
import { check, count, optional, positive, share } from '../../../tensor/settings.ts';
import {
  type PrototypeCrossEntropy,
  type PrototypeCrossEntropyOptions,
  prototypeCrossEntropy,
} from './prototypeCrossEntropy.ts';

/** What self-distillation and masked prediction have in common. SigLIP 2 states none of the numbers. */
export interface DistillSettings extends PrototypeCrossEntropyOptions {
  readonly head: DistillationHeadConfig;
  /** Share of the old centre that stays in each step, 0 to 1. */
  readonly centreMomentum: number;
}

/** The rules of what both losses have, beside the head. */
export const distillRules = {
  studentTemperature: positive,
  teacherTemperature: positive,
  centreMomentum: share,
  rows: optional(count),
};

/** DINO's temperatures and centre momentum. */
export const DINO_SETTINGS = {
  studentTemperature: 0.1,
  teacherTemperature: 0.04,
  centreMomentum: 0.9,
} as const;

/** One side of a comparison: features before the head, [rows, d], and where the head's parameters are declared. */
export interface DistillSide {
  readonly features: Tensor;
  readonly head: ParameterScope;
}

export interface Distilled extends PrototypeCrossEntropy {
  /** The centre for the next step, [K]. */
  readonly nextCentre: Tensor;
}

/**
 * c ← m·c + (1 − m)·mean(g) (DINO). The logits' mean is the mean feature's logits: no pass over rows × K.
 */
function nextCentre(centre: Tensor, { features, prototypes }: HeadOutputs, momentum: number): Tensor {
  const [rows, width] = features.shape;
  const mean = mul(sum(features, [0]), scalar((1 - momentum) / staticDim(rows)));
  const logits = reshape(matmul(prototypes, reshape(mean, [width!, 1])), centre.shape);
  return add(mul(centre, scalar(momentum)), logits);
}

/**
 * Sends both sides through their heads and compares them.
 * @param student rows [R·V, d], the V views of one teacher row after another
 * @param teacher rows [R, d]; gets no gradient
 * @param centre [K], read before it is updated
 */
export function distill(
  student: DistillSide,
  teacher: DistillSide,
  centre: Tensor,
  settings: DistillSettings,
): Distilled {
  const { head, centreMomentum } = settings;
  check('centreMomentum', share, centreMomentum);
  const outputs = {
    student: distillationHead(student.head, student.features, head),
    teacher: distillationHead(teacher.head, teacher.features, head),
  };
  return {
    ...prototypeCrossEntropy({ ...outputs, centre }, settings),
    nextCentre: nextCentre(centre, outputs.teacher, centreMomentum),
  };
}
