import type { StepResult } from '../step/reports.ts';

/** The loss or the gradient is no number: names the step, the part of the loss and the last state that is whole. */
export class TrainingDivergedError extends Error {
  override readonly name = 'TrainingDivergedError';
}

/**
 * @param step updates done, this one included
 * @param lastGood says what the last whole state is, e.g. `the last good state is that of step 4 in runs/x`
 * @throws TrainingDivergedError when the loss, one of its parts or the gradient norm is not finite
 */
export async function assertFinite(
  { loss, gradientNorm, metrics }: StepResult,
  step: number,
  lastGood: () => Promise<string>,
): Promise<void> {
  const parts = Object.entries(metrics).filter(([, value]) => !Number.isFinite(value));
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm) && parts.length === 0) return;
  const named = parts.map(([name, value]) => `${name} ${value}`).join(', ');
  const where = Object.keys(metrics).length > 0 && named === '' ? 'every reported part is finite' : named;
  throw new TrainingDivergedError(
    `step ${step}: loss ${loss}${where && ` (${where})`}, gradient norm ${gradientNorm}; ${await lastGood()}. ` +
      'Lower the learning rate or check the data.',
  );
}
