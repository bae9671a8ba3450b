import type { AdamConfig } from '../optimizer/adam.ts';

/** What the optimizer used in one update (see `missedStep`). */
export interface PastUpdate {
  /** lr·schedule·√(1−β2ᵗ)/(1−β1ᵗ) */
  readonly rate: number;
  /** ε·√(1−β2ᵗ) */
  readonly epsilon: number;
}

/** How fast the optimizer's moments decay. */
export type Betas = Pick<AdamConfig, 'beta1' | 'beta2'>;

/** β1 and β2 as the graph has them: float32. */
export const decayRates = ({ beta1, beta2 }: Betas) => [Math.fround(beta1), Math.fround(beta2)] as const;

/**
 * What a row that saw no gradient has missed. In update j after its last one its first moment is m·β1ʲ, its second
 * v·β2ʲ, and Adam moves it by rateⱼ·m·β1ʲ/(√(v·β2ʲ) + εⱼ) = m·aⱼ/(√v + eⱼ), aⱼ = rateⱼ·(β1/√β2)ʲ, eⱼ = εⱼ·β2^(−j/2).
 */
export interface Missed {
  /** β1ᵏ and β2ᵏ for k missed updates. */
  readonly firstDecay: number;
  readonly secondDecay: number;
  /** aⱼ and eⱼ, as long as they matter. */
  readonly a: Float64Array;
  readonly e: Float64Array;
  /** Σ aⱼ, Σ aⱼeⱼ, Σ aⱼeⱼ². */
  readonly sums: readonly [number, number, number];
  /** From this √v on, three terms of the series in 1/√v are exact to {@link PRECISION}. */
  readonly seriesFrom: number;
}

/** Relative size of what is left out of a row's missed change: less than a rounding of float32. */
const PRECISION = 1e-8;

/** Smaller numbers are no normal float32: slow to compute with, and nothing to an optimizer. */
const SMALLEST = 2 ** -126;

/** @param past all updates so far; a row that has seen the first `seen` of them missed the rest */
export function missedUpdates(past: readonly PastUpdate[], seen: number, betas: Betas): Missed {
  const [beta1, beta2] = decayRates(betas);
  const count = past.length - seen;
  const ratio = beta1 / Math.sqrt(beta2);
  // The aⱼ fall geometrically, so that after some updates the rest is nothing. Where they rise, √v falls to nothing beside
  // ε, and what is left of a first moment of 1 is nothing after some more.
  const limit =
    ratio < 1 ? Math.log(PRECISION * (1 - ratio)) / Math.log(ratio) : Math.log(SMALLEST) / Math.log(beta1);
  const terms = Math.min(count, Math.ceil(limit));
  const a = new Float64Array(terms);
  const e = new Float64Array(terms);
  const sums = [0, 0, 0, 0] as [number, number, number, number];
  for (let j = 0; j < terms; j++) {
    const { rate, epsilon } = past[seen + j]!;
    a[j] = rate * ratio ** (j + 1);
    e[j] = epsilon * beta2 ** (-(j + 1) / 2);
    for (let power = 0; power < 4; power++) sums[power]! += a[j]! * e[j]! ** power;
  }
  return {
    firstDecay: beta1 ** count,
    secondDecay: beta2 ** count,
    a,
    e,
    sums: [sums[0], sums[1], sums[2]],
    // The series alternates: its error is below the first term left out, Σ aⱼeⱼ³/√v³ of Σ aⱼ.
    seriesFrom: sums[0] > 0 ? Math.cbrt(sums[3] / (PRECISION * sums[0])) : Number.POSITIVE_INFINITY,
  };
}

/** Σ aⱼ/(w + eⱼ) */
function exactSum({ a, e }: Missed, w: number): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! / (w + e[j]!);
  return sum;
}

const decayed = (value: number, decay: number): number => {
  const result = value * decay;
  return Math.abs(result) < SMALLEST ? 0 : result;
};

/** Applies what was missed to some elements, `start` to `end`, of a parameter and its moments. */
export function applyMissed(
  missed: Missed,
  [value, first, second]: readonly [Float32Array, Float32Array, Float32Array],
  start: number,
  end: number,
): void {
  const { firstDecay, secondDecay, seriesFrom } = missed;
  const [s0, s1, s2] = missed.sums;
  for (let i = start; i < end; i++) {
    const m = first[i]!;
    const v = second[i]!;
    if (m !== 0) {
      const w = Math.sqrt(v);
      const u = 1 / w;
      const sum = w >= seriesFrom ? u * (s0 - u * (s1 - u * s2)) : exactSum(missed, w);
      value[i] = value[i]! - m * sum;
      first[i] = decayed(m, firstDecay);
    }
    if (v !== 0) second[i] = decayed(v, secondDecay);
  }
}
