import type { Judged } from './designs.ts';
import type { Answer, Shown } from './shown.ts';

/** How good a cut-off is, 0 … 1; present and absent queries count one half each. */
export interface Measured {
  /** Of the absent queries: nothing fits. */
  readonly nothing: number;
  /** Of the present queries: something fits. */
  readonly something: number;
  /** Of the present queries of which the best picture is right: it fits. */
  readonly kept: number;
  /** Of the pictures that are said to fit: they do. */
  readonly precision: number;
  /** Of the pictures shown that do fit: they are said to. */
  readonly recall: number;
  /** Expected calibration error of the probabilities of all pictures shown, and of the best of each query. */
  readonly error: number;
  readonly errorOfBest: number;
}

interface Weighed {
  readonly probability: number;
  readonly fits: boolean;
  readonly weight: number;
}

const BINS = 15;

const total = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0);

/** Expected calibration error (Guo et al. 2017, arXiv 1706.04599) in 15 bins of equal width, weighed. */
export function calibrationError(all: readonly Weighed[]): number {
  const bins = Array.from({ length: BINS }, () => 0);
  for (const { probability, fits, weight } of all)
    bins[Math.min(Math.floor(probability * BINS), BINS - 1)]! += weight * (probability - (fits ? 1 : 0));
  return total(bins, Math.abs) / total(all, ({ weight }) => weight);
}

const share = <T>(all: readonly T[], weight: (one: T) => number, so: (one: T) => boolean): number =>
  total(all.filter(so), weight) / total(all, weight);

export function measure({ probability, fits }: Judged, answers: readonly Answer[]): Measured {
  const weightOf = ({ weight }: Answer) => weight;
  const some = ({ shown }: Answer) => shown.some(fits);
  const present = answers.filter((one) => one.present);
  const absent = answers.filter((one) => !one.present);
  const pairs = answers.flatMap(({ shown, weight }) => shown.map((one) => ({ one, weight })));
  const weigh = ({ weight }: { weight: number }) => weight;
  const weighed = (one: Shown, weight: number): Weighed => ({
    probability: probability(one),
    fits: one.fits,
    weight,
  });
  return {
    nothing: share(absent, weightOf, (one) => !some(one)),
    something: share(present, weightOf, some),
    kept: share(
      present.filter(({ shown }) => shown[0]?.fits),
      weightOf,
      ({ shown }) => fits(shown[0]!),
    ),
    precision: share(
      pairs.filter(({ one }) => fits(one)),
      weigh,
      ({ one }) => one.fits,
    ),
    recall: share(
      pairs.filter(({ one }) => one.fits),
      weigh,
      ({ one }) => fits(one),
    ),
    error: calibrationError(pairs.map(({ one, weight }) => weighed(one, weight))),
    errorOfBest: calibrationError(
      answers.flatMap(({ shown, weight }) => {
        const probabilities = shown.map(probability);
        const best = shown[probabilities.indexOf(Math.max(...probabilities))];
        return best ? [weighed(best, weight)] : [];
      }),
    ),
  };
}
