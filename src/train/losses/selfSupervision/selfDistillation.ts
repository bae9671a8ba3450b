import type { ParameterScope } from '../../../nn/parameters.ts';
import type { Tensor } from '../../../tensor/index.ts';
import { type Distilled, type DistillSettings, distill } from './distill.ts';

export interface SelfDistillationInputs {
  /** The student's pooled local views, [N·V, d]: the V crops of one picture after another. */
  readonly local: Tensor;
  /** The teacher's pooled global views, [N, d]. */
  readonly global: Tensor;
  /** Where the two heads' parameters are declared. */
  readonly heads: { readonly student: ParameterScope; readonly teacher: ParameterScope };
  /** Running mean of the teacher's logits, [K]. */
  readonly centre: Tensor;
}

/**
 * Local-to-global consistency (SILC; paper §2.3): the student's view of each crop must be assigned to
 * prototypes as the teacher assigns the whole picture. Mean over N·V pairs.
 */
export const selfDistillation = (
  { local, global, heads, centre }: SelfDistillationInputs,
  settings: DistillSettings,
): Distilled =>
  distill(
    { features: local, head: heads.student },
    { features: global, head: heads.teacher },
    centre,
    settings,
  );
