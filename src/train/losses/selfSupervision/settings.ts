import { z } from 'zod';
import { DINO_COLOURS, type ViewColours, viewColoursSchema } from '../../../data/augmentation/multiCrop.ts';
import { type FixedVisionConfig, visionSchema } from '../../../model/config.ts';
import { DINO_HEAD, type DistillationHeadConfig, headSchema } from '../../../model/distillationHead.ts';
import type { PatchMasking } from '../../../model/patchMasking.ts';
import type { SizeName } from '../../../model/variants.ts';
import { atLeastZero, check, count, oneOf, settings, share } from '../../../tensor/settings.ts';
import { DINO_SETTINGS, type DistillSettings, distillRules } from './distill.ts';

/** The factor k on both losses for each size of the family (paper §2.3). */
export const SIZE_FACTORS: Readonly<Record<SizeName, number>> = {
  base: 0.25,
  large: 0.5,
  so400m: 1,
  'giant-opt': 0.5,
};

const SIZES = Object.keys(SIZE_FACTORS) as SizeName[];

/** Weights of the two losses, before the size factor (paper §2.3). */
export const SELF_DISTILLATION_WEIGHT = 1;
export const MASKED_PREDICTION_WEIGHT = 0.25;

/** The two losses on views, by the names that stages and metrics have for them. */
export const VIEW_LOSSES: readonly ViewLoss[] = ['selfDistillation', 'maskedPrediction'];

export type ViewLoss = 'selfDistillation' | 'maskedPrediction';

export interface SelfDistillationSettings extends DistillSettings {
  readonly weight: number;
  /** Local crops of a picture, 8 in the paper. */
  readonly views: number;
  /** Side of a local crop in pixels. DINO's is 96 of 224; SigLIP 2 states none. */
  readonly localSize: number;
}

export interface MaskedPredictionSettings extends Omit<DistillSettings, 'head'> {
  readonly weight: number;
  /** Share of masked patches, 0.5 in the paper. */
  readonly ratio: number;
  /** See {@link PatchMasking}. */
  readonly place: PatchMasking['place'];
  /**
   * A head of its own, or `shared`: self-distillation's. The paper writes "heads" (§2.3). The centre is separate
   * either way, as in iBOT, because patches and pictures have different means.
   */
  readonly head: DistillationHeadConfig | 'shared';
}

export interface SelfSupervisionSettings {
  /** Factor k on both losses, see `SIZE_FACTORS`. */
  readonly sizeFactor: number;
  /** μ of the teacher, constant. SigLIP 2 states none; 0.966 is SILC's as second-hand sources have it. */
  readonly teacherMomentum: number;
  /**
   * How the views' colours change; the paper does not say; DINO's by default. Where things are told apart by
   * their colours, a changed view does not say what the whole picture shows, and self-distillation collapses: then
   * `SAME_COLOURS` (measured in bench/RESULTS.md).
   */
  readonly viewColours: ViewColours;
  readonly selfDistillation: SelfDistillationSettings;
  readonly maskedPrediction: MaskedPredictionSettings;
}

const places: readonly PatchMasking['place'][] = ['beforePositions', 'afterPositions'];

export const selfSupervisionSchema = settings<SelfSupervisionSettings>({
  sizeFactor: atLeastZero,
  teacherMomentum: share,
  viewColours: viewColoursSchema,
  selfDistillation: settings<SelfDistillationSettings>({
    ...distillRules,
    head: headSchema,
    weight: atLeastZero,
    views: count,
    localSize: count,
  }),
  maskedPrediction: settings<MaskedPredictionSettings>({
    ...distillRules,
    head: z.union([z.literal('shared'), headSchema], { error: 'shared, or a head' }),
    weight: atLeastZero,
    ratio: share,
    place: oneOf(places),
  }),
});

/**
 * Side of a local crop for a model's resolution: 96/256 of it, in whole patches (at least one). The paper states no
 * size, at 256 pixels or after the resolution fork.
 */
export const localViewSize = ({ imageSize, patchSize }: FixedVisionConfig): number =>
  Math.max(1, Math.round((imageSize * 96) / 256 / patchSize)) * patchSize;

/**
 * The paper's settings for a model of one of the family's sizes, and DINO's where the paper refers to SILC.
 * @param changes what differs from DINO's head, such as fewer prototypes
 * @throws RangeError naming the field that is wrong
 * @example
 * const { vision } = variantConfig('B/16');
 * if (vision.kind === 'fixed') paperSelfSupervision(vision, 'base', { prototypes: 8192 });
 */
export function paperSelfSupervision(
  config: FixedVisionConfig,
  size: SizeName,
  changes: Partial<DistillationHeadConfig> = {},
): SelfSupervisionSettings {
  check('vision', visionSchema, config);
  check('size', oneOf(SIZES), size);
  const head = { ...DINO_HEAD, ...changes };
  check('head', headSchema, head);
  return {
    sizeFactor: SIZE_FACTORS[size],
    teacherMomentum: 0.966,
    viewColours: DINO_COLOURS,
    selfDistillation: {
      ...DINO_SETTINGS,
      head,
      weight: SELF_DISTILLATION_WEIGHT,
      views: 8,
      localSize: localViewSize(config),
    },
    maskedPrediction: {
      ...DINO_SETTINGS,
      head,
      weight: MASKED_PREDICTION_WEIGHT,
      ratio: 0.5,
      place: 'beforePositions',
    },
  };
}
