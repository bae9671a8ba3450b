import type { ParameterScope } from '../../../nn/parameters.ts';
import { gather, mergeDims, reshape, type Tensor } from '../../../tensor/index.ts';
import { type Distilled, type DistillSettings, distill } from './distill.ts';

export interface MaskedPredictionInputs {
  /** The student's un-pooled features of the masked global view, [N, T, d]. */
  readonly masked: Tensor;
  /** The teacher's un-pooled features of the same view without a mask, [N, T, d]. */
  readonly whole: Tensor;
  /** The masked positions as rows of N·T, int32 [N·M]. */
  readonly rows: Tensor;
  /** Where the two heads' parameters are declared. */
  readonly heads: { readonly student: ParameterScope; readonly teacher: ParameterScope };
  /** Running mean of the teacher's logits, [K]. */
  readonly centre: Tensor;
}

/**
 * Masked prediction (TIPS; paper §2.3): at the masked positions the student must assign to prototypes what
 * the teacher, who sees the patch, assigns. Mean over the masked positions.
 *
 * Only masked positions go through the heads, so the centre is the mean over them too (as in DINOv2; iBOT's is over
 * all patches).
 */
export function maskedPrediction(
  { masked, whole, rows, heads, centre }: MaskedPredictionInputs,
  settings: DistillSettings,
): Distilled {
  const at = (tokens: Tensor) => {
    const [batch, count, width] = tokens.shape;
    return gather(reshape(tokens, [mergeDims(batch!, count!), width!]), rows);
  };
  return distill(
    { features: at(masked), head: heads.student },
    { features: at(whole), head: heads.teacher },
    centre,
    settings,
  );
}
