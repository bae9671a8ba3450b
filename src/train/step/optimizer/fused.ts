import { add, blockwise, div, mul, scalar, sqrt, sub, type Tensor } from '../../../tensor/index.ts';
import { oncePer } from '../../losses/oncePer.ts';
import { type AdamConfig, adamFactors, adamKind, adamMoments, adamStep } from './adam.ts';
import type { Move, MoveSite, StepScalars } from './chain.ts';
import { clipFactor, clipKind } from './clip.ts';
import { decayKind } from './decay.ts';
import { assertMatrix, type MuonConfig, muonDirection, muonKind, muonSize } from './muon.ts';
import { isScaleBySchedule } from './schedule.ts';
import type { Transform } from './transform.ts';

/** A chain clip → Adam or Muon → (decay) → schedule. */
interface Direct {
  readonly clipNorm: number;
  readonly mover: Transform;
  readonly weightDecay: number;
}

function directForm(chain: readonly Transform[]): Direct | undefined {
  const [first, mover, ...tail] = chain;
  const clipNorm = clipKind.settingsOf(first);
  const weightDecay = tail.length === 2 ? decayKind.settingsOf(tail[0]) : 0;
  const ends = tail.length <= 2 && isScaleBySchedule(tail.at(-1));
  if (clipNorm === undefined || weightDecay === undefined || !mover || !ends) return undefined;
  return { clipNorm, mover, weightDecay };
}

/** The Adam whose updates a parameter takes without decay, so that those of a zero gradient have a closed form. */
export function plainAdam(chain: readonly Transform[]): AdamConfig | undefined {
  const form = directForm(chain);
  return form?.weightDecay === 0 ? adamKind.settingsOf(form.mover) : undefined;
}

/** Adam's rate times the schedule, and its ε: one source for each transform, by which its scalars are found. */
const scalarsOf = oncePer(
  (_: Transform, config: AdamConfig): StepScalars =>
    (step, schedule) => {
      const { rate, epsilon } = adamStep(step, config, schedule);
      return [rate, epsilon];
    },
);

/** What a parameter keeps of itself: 1 − schedule·λ. */
const keepFactor = ({ once, schedule }: MoveSite, weightDecay: number): Tensor =>
  once(`keep ${weightDecay}`, () => sub(scalar(1), mul(schedule, scalar(weightDecay))));

const clipOf = ({ once, gradientNorm }: MoveSite, largest: number): Tensor =>
  once(`clip ${largest}`, () => clipFactor(gradientNorm, largest));

/** Clipping and the two (1−β) share one factor per moment: a pass over memory less for each. */
function factorsOf(site: MoveSite, clipNorm: number, config: AdamConfig): readonly [Tensor, Tensor] {
  const clip = clipOf(site, clipNorm);
  const [first, second] = adamFactors(config).map((factor) =>
    site.once(`clip ${clipNorm} times ${factor}`, () => mul(clip, scalar(factor))),
  );
  return [first!, second!];
}

function fusedAdam({ clipNorm, mover, weightDecay }: Direct, config: AdamConfig): Move {
  const source = scalarsOf(mover, config);
  return {
    moments: ['first_moment', 'second_moment'],
    scalars: [source],
    apply(site) {
      const { parameter, gradient, moment } = site;
      const [rate, epsilon] = site.scalarsOf(source);
      // Every block reads one, though only what decays uses it: all have the same inputs.
      const keep = keepFactor(site, weightDecay > 0 ? weightDecay : site.kernelDecay);
      const [next, m, v] = blockwise(
        [parameter, moment('first_moment'), moment('second_moment'), gradient],
        [rate!, epsilon!, ...factorsOf(site, clipNorm, config), keep],
        ([value, ...moments], [rate, epsilon, first, second, keep]) => {
          const [m, v] = adamMoments(moments as [Tensor, Tensor, Tensor], [first!, second!], config);
          const change = mul(div(m, add(sqrt(v), epsilon!)), rate!);
          return [sub(weightDecay > 0 ? mul(value!, keep!) : value!, change), m, v];
        },
      );
      return { next: next!, moments: { first_moment: m!, second_moment: v! } };
    },
  };
}

function fusedMuon({ clipNorm, weightDecay }: Direct, config: MuonConfig): Move {
  return {
    moments: ['first_moment'],
    scalars: [],
    apply(site) {
      const { path, parameter, gradient, moment, schedule } = site;
      assertMatrix(path, gradient);
      const clipped = mul(gradient, clipOf(site, clipNorm));
      const { direction, momentum } = muonDirection(moment('first_moment'), clipped, config);
      const rate = mul(schedule, scalar(config.learningRate * muonSize(gradient.shape)));
      const kept = weightDecay > 0 ? mul(parameter, keepFactor(site, weightDecay)) : parameter;
      return { next: sub(kept, mul(direction, rate)), moments: { first_moment: momentum } };
    },
  };
}

/**
 * A chain clip → Adam or Muon → (decay) → schedule in fewer passes over memory: Adam in one. Equal to the chain as it is
 * written up to the rounding of three products. Undefined for any other chain.
 */
export function fusedMove(chain: readonly Transform[]): Move | undefined {
  const form = directForm(chain);
  if (!form) return undefined;
  const [adam, muon] = [adamKind.settingsOf(form.mover), muonKind.settingsOf(form.mover)];
  if (adam) return fusedAdam(form, adam);
  return muon && fusedMuon(form, muon);
}
