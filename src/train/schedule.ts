/** Linear warm-up, then cosine to zero (big_vision; SPEC C). */
export interface Schedule {
  readonly totalSteps: number;
  readonly warmupSteps: number;
}

/**
 * The factor on the update of one step, in [0, 1]: ½(1+cos(π·clip((step−W)/(T−W), 0, 1))) · min(1, step/W).
 * It scales learning rate and weight decay alike. Step 0 of a warm-up is 0.
 */
export function scheduleAt(step: number, { totalSteps, warmupSteps }: Schedule): number {
  const progress = Math.min(Math.max((step - warmupSteps) / Math.max(totalSteps - warmupSteps, 1), 0), 1);
  const warmup = warmupSteps > 0 ? Math.min(1, step / warmupSteps) : 1;
  return 0.5 * (1 + Math.cos(Math.PI * progress)) * warmup;
}
