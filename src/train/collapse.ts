import type { SelfSupervisionSettings } from './selfSupervisionSettings.ts';

/** Share of the largest entropy, ln K, past which assignments to K prototypes tell next to nothing apart. */
const UNIFORM = 0.99;

type Sizes = Pick<SelfSupervisionSettings, 'selfDistillation' | 'maskedPrediction'>;

const uniform = (entropy: number | undefined, prototypes: number): boolean =>
  entropy !== undefined && entropy > UNIFORM * Math.log(prototypes);

/**
 * Says when a self-supervised loss has collapsed: its teacher spreads everything over all prototypes alike (DINO §5.3).
 * The student then matches it by doing the same, and the loss, at ln K, has no gradient left; nothing else shows it.
 * @param metrics of a step, see `SelfSupervision.metrics`
 */
export function collapseNotice(
  { selfDistillation, maskedPrediction }: Sizes,
  metrics: Readonly<Record<string, number>>,
): string | undefined {
  const { head } = maskedPrediction;
  const patchPrototypes = head === 'shared' ? selfDistillation.head.prototypes : head.prototypes;
  const collapsed = [
    ...(uniform(metrics.teacherEntropy, selfDistillation.head.prototypes) ? ['selfDistillation'] : []),
    ...(uniform(metrics.patchTeacherEntropy, patchPrototypes) ? ['maskedPrediction'] : []),
  ];
  if (collapsed.length === 0) return undefined;
  return (
    `${collapsed.join(' and ')}: collapsed. The teacher tells nothing apart, so there is nothing to learn from it now. ` +
    'Views that keep more of the picture (viewColours, localSize), a sharper teacher (teacherTemperature) or ' +
    'a slower one (teacherMomentum) prevent it.'
  );
}
