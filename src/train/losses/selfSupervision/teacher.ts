import type { ParameterTable } from '../../../nn/parameters.ts';
import { add, blockwise, mul, scalar } from '../../../tensor/index.ts';
import { check, share } from '../../../tensor/settings.ts';
import type { Carried } from '../objective.ts';

/** Prefix of a teacher's parameters. */
export const TEACHER = 'teacher';

/**
 * A teacher whose parameters follow the student's: a copy at the start, then θ_T ← μ·θ_T + (1 − μ)·θ_S once per
 * step, with the student's updated parameters (paper §2.3).
 * @param parameters the teacher's own, each named `teacher.` and the name of the student's
 * @param momentum μ, 0 to 1. Constant: rising to 1 would cut the teacher off from what image–text training teaches
 */
export function followingTeacher(parameters: ParameterTable, momentum: number): Map<string, Carried> {
  check('teacherMomentum', share, momentum);
  return new Map(
    [...parameters].map(([name, { tensor }]): [string, Carried] => {
      const parameter = name.slice(TEACHER.length + 1);
      return [
        name,
        {
          tensor,
          initial: { kind: 'copyOf', parameter },
          next: (updated) => {
            const student = updated.get(parameter);
            if (!student) throw new Error(`${name} follows ${parameter}, which is not trained`);
            return blockwise([tensor, student], [], ([old, current]) => [
              add(mul(old!, scalar(momentum)), mul(current!, scalar(1 - momentum))),
            ])[0]!;
          },
        },
      ];
    }),
  );
}
