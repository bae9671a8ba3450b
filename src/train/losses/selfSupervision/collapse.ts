import { type SelfSupervisionSettings, VIEW_LOSSES, type ViewLoss } from './settings.ts';

/** Share of ln K past which loss and entropy of assignments to K prototypes say that these tell nothing apart. */
const UNIFORM = 0.98;

type Sizes = Pick<SelfSupervisionSettings, 'selfDistillation' | 'maskedPrediction'>;

const uniform = (loss: number | undefined, entropy: number | undefined, prototypes: number): boolean =>
  Math.min(loss ?? 0, entropy ?? 0) > UNIFORM * Math.log(prototypes);

/** What there is to say of each loss when it has collapsed. */
export const COLLAPSE: Readonly<
  Record<ViewLoss, (sizes: Sizes, metrics: Readonly<Record<string, number>>) => string | undefined>
> = {
  selfDistillation: ({ selfDistillation: { head } }, metrics) =>
    uniform(metrics.selfDistillation, metrics.teacherEntropy, head.prototypes)
      ? 'self-distillation has collapsed: its teacher tells no pictures apart, so nothing is learnt from it now ' +
        '(viewColours may be why, see docs/training.md)'
      : undefined,
  maskedPrediction({ selfDistillation, maskedPrediction: { head } }, metrics) {
    const { prototypes } = head === 'shared' ? selfDistillation.head : head;
    return uniform(metrics.maskedPrediction, metrics.patchTeacherEntropy, prototypes)
      ? 'masked prediction has collapsed: its teacher tells no patches apart, so nothing is learnt from it now'
      : undefined;
  },
};

/**
 * Says when a self-supervised loss has collapsed to uniform assignments: its teacher spreads everything over all
 * prototypes alike (DINO §5.3). The student matches it by doing the same, and the loss, at ln K, has no gradient left;
 * nothing else shows it. (The other collapse, to one prototype for everything, is not looked for: few prototypes in a
 * step may be right for a small batch.)
 * @param metrics of a step, see `SelfSupervision.metrics`
 */
export function collapseNotice(sizes: Sizes, metrics: Readonly<Record<string, number>>): string | undefined {
  const said = VIEW_LOSSES.flatMap((name) => COLLAPSE[name](sizes, metrics) ?? []);
  return said.length > 0 ? said.join('; ') : undefined;
}
