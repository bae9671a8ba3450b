import { add, div, mul, scalar, sqrt, square, type Tensor } from '../../../tensor/index.ts';
import {
  atLeastZero,
  check,
  positive,
  type Rules,
  settings,
  shareBelowOne,
} from '../../../tensor/settings.ts';
import { type Transform, transformKind } from './transform.ts';

export interface AdamConfig {
  readonly learningRate: number;
  /** The paper does not state β and ε; 0.95 is SigLIP's β2 (Zhai et al. 2023, arXiv 2303.15343) and usual for ViTs. */
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The rule of each field, for settings that have them among others. */
export const adamRules: Rules<AdamConfig> = {
  learningRate: atLeastZero,
  beta1: shareBelowOne,
  beta2: shareBelowOne,
  epsilon: positive,
};

const adamSchema = settings<AdamConfig>(adamRules);

/** What of Adam changes from step to step. */
export interface AdamStep {
  /** lr·√(1−β2ᵗ)/(1−β1ᵗ), t = step + 1, times the schedule where that is folded into it. */
  readonly rate: number;
  /** ε·√(1−β2ᵗ) */
  readonly epsilon: number;
}

/**
 * Bias correction, folded into two numbers: lr·m̂/(√v̂+ε) = (lr·√c₂/c₁)·m/(√v+ε·√c₂) with cᵢ = 1−βᵢᵗ.
 *
 * All parameters have one t, as in optax's `scale_by_adam`, whose state big_vision saves and resumes. Moments that start
 * at zero where others go on, as those of the self-supervised heads at 80 % (paper §2.3), are thus not corrected. With β of
 * 0.9 and 0.95 and a steady gradient, their updates are (1−β1ʲ)/√(1−β2ʲ) of the corrected ones: 0.45 in the first, 0.91
 * in the sixth, 1.1 at most (about the twentieth) and then 1. A t of each parameter's own would end that, but is not what
 * the paper's optimizer does; the paper does not mention it.
 * @param factor the schedule's, where it is folded into the rate
 */
export function adamStep(
  step: number,
  { learningRate, beta1, beta2, epsilon }: AdamConfig,
  factor = 1,
): AdamStep {
  const c1 = 1 - beta1 ** (step + 1);
  const c2 = Math.sqrt(1 - beta2 ** (step + 1));
  return { rate: (learningRate * factor * c2) / c1, epsilon: epsilon * c2 };
}

/** The two moments with a gradient: m·β1 + g·first, v·β2 + (g·second)², where first is 1−β1 and second its like for β2. */
export function adamMoments(
  [m, v, gradient]: readonly [Tensor, Tensor, Tensor],
  [first, second]: readonly [Tensor, Tensor],
  { beta1, beta2 }: AdamConfig,
): readonly [Tensor, Tensor] {
  return [
    add(mul(m, scalar(beta1)), mul(gradient, first)),
    add(mul(v, scalar(beta2)), square(mul(gradient, second))),
  ];
}

/** What (1−β1) and (1−β2) are where the gradient is not squared yet. */
export const adamFactors = ({ beta1, beta2 }: AdamConfig): readonly [number, number] => [
  1 - beta1,
  Math.sqrt(1 - beta2),
];

/** Made without a check: for settings that were checked where they came in. */
export const adamKind = transformKind((config: AdamConfig) => ({
  name: 'adam',
  moments: ['first_moment', 'second_moment'],
  scalars: (step) => {
    const { rate, epsilon } = adamStep(step, config);
    return [rate, epsilon];
  },
  apply(gradient, { moment, scalars: [rate, epsilon] }) {
    const [first, second] = adamFactors(config).map(scalar) as [Tensor, Tensor];
    const moments = [moment('first_moment'), moment('second_moment')] as const;
    const [m, v] = adamMoments([...moments, gradient], [first, second], config);
    return {
      update: mul(div(m, add(sqrt(v), epsilon!)), rate!),
      moments: { first_moment: m, second_moment: v },
    };
  },
}));

/**
 * lr·m̂/(√v̂ + ε) with m = β1·m + (1−β1)·g, v = β2·v + (1−β2)·g² and their bias corrections m̂ and v̂ (Kingma and Ba 2015,
 * arXiv 1412.6980; optax `scale_by_adam` and `scale`).
 * @throws RangeError naming a setting that is wrong
 * @example
 * const transform = adam(PAPER_OPTIMIZER);
 */
export function adam(config: AdamConfig): Transform {
  check('adam', adamSchema, config);
  return adamKind.make(config);
}
