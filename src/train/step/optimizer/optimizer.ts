import type { ParameterTable } from '../../../nn/parameters.ts';
import { bytesOf } from '../../../tensor/cost/memory.ts';
import {
  add,
  blockwise,
  div,
  float32,
  input,
  maximum,
  mul,
  type NdArray,
  reshape,
  scalar,
  slice,
  sqrt,
  square,
  sub,
  sumSquares,
  type Tensor,
} from '../../../tensor/index.ts';
import type { OptimizerConfig } from './config.ts';
import { decays } from './decay.ts';
import { firstMoment, secondMoment } from './moments.ts';
import { isHiddenMatrix, type MuonConfig, muonUpdate } from './muon.ts';

/** How Muon moves a parameter; undefined where Adam does. */
const muonOf = (name: string, { muon }: OptimizerConfig): MuonConfig | undefined =>
  isHiddenMatrix(name) ? muon : undefined;

/** Bytes of the moments that an optimizer keeps of parameters. */
export const momentBytes = (table: ParameterTable, config: OptimizerConfig): number =>
  [...table].reduce(
    (total, [name, { tensor }]) => total + (muonOf(name, config) ? 1 : 2) * bytesOf(tensor),
    0,
  );

/** The optimizer's inputs that change from step to step, as one graph input [3]. */
const SCALARS = 'optimizer_scalars';

/**
 * Values of the per-step scalars: [schedule, lr·schedule·√(1−β2ᵗ)/(1−β1ᵗ), ε·√(1−β2ᵗ)] with t = step + 1.
 * Bias correction is folded into them: lr·m̂/(√v̂+ε) = (lr·√c₂/c₁)·m/(√v+ε·√c₂).
 *
 * All parameters have one t, as in optax's `scale_by_adam`, whose state big_vision saves and resumes. Moments that start
 * at zero where others go on, as those of the self-supervised heads at 80 % (SPEC B.5), are thus not corrected. With β of
 * 0.9 and 0.95 and a steady gradient, their updates are (1−β1ʲ)/√(1−β2ʲ) of the corrected ones: 0.45 in the first, 0.91
 * in the sixth, 1.1 at most (about the twentieth) and then 1. A t of each parameter's own would end that, but is not what
 * the paper's optimizer does; the paper does not mention it.
 */
export function optimizerScalars(
  step: number,
  schedule: number,
  config: OptimizerConfig,
): NdArray<'float32'> {
  const c1 = 1 - config.beta1 ** (step + 1);
  const c2 = Math.sqrt(1 - config.beta2 ** (step + 1));
  return float32([3], [schedule, (config.learningRate * schedule * c2) / c1, config.epsilon * c2]);
}

export interface OptimizerGraph {
  /** Name of the per-step scalar input. */
  readonly scalars: string;
  /** New values by state name: the parameter's own name, `first_moment.…` and, but for Muon's, `second_moment.…`. */
  readonly updates: Readonly<Record<string, Tensor>>;
  /** Norm of all gradients before clipping, a scalar. */
  readonly gradientNorm: Tensor;
}

/** Names of the moments that an optimizer keeps of a parameter. */
export const momentNames = (name: string, config: OptimizerConfig): string[] =>
  muonOf(name, config) ? [firstMoment(name)] : [firstMoment(name), secondMoment(name)];

const at = (vector: Tensor, index: number): Tensor => reshape(slice(vector, 0, index, index + 1), []);

/** One parameter's new value and moments, element by element. */
function adamUpdate(
  [value, first, second, gradient]: readonly Tensor[],
  [rate, epsilon, firstFactor, secondFactor, keep]: readonly Tensor[],
  { beta1, beta2 }: OptimizerConfig,
  decaying: boolean,
): readonly Tensor[] {
  const m = add(mul(first!, scalar(beta1)), mul(gradient!, firstFactor!));
  const v = add(mul(second!, scalar(beta2)), square(mul(gradient!, secondFactor!)));
  const change = mul(div(m, add(sqrt(v), epsilon!)), rate!);
  return [sub(decaying ? mul(value!, keep!) : value!, change), m, v];
}

/**
 * Adds the update of every parameter to a graph: clip → Adam → ×lr → + wd·w on kernels → ×schedule → subtract. Muon, if
 * asked for, stands in Adam's place for the matrices within blocks. It keeps no second moment: training that goes on with
 * Adam starts from none, and wants a warm-up.
 * `gradients` are in the order of the table.
 */
export function optimizerGraph(
  table: ParameterTable,
  gradients: readonly Tensor[],
  config: OptimizerConfig,
): OptimizerGraph {
  const scalars = input(SCALARS, 'float32', [3]);
  const [schedule, rate, epsilon] = [at(scalars, 0), at(scalars, 1), at(scalars, 2)];
  const gradientNorm = sqrt(gradients.map((gradient) => sumSquares(gradient)).reduce(add));
  const clip = div(scalar(config.clipNorm), maximum(gradientNorm, scalar(config.clipNorm)));
  // Clipping and the two (1−β) share one factor per moment: a pass over memory less for each.
  const firstFactor = mul(clip, scalar(1 - config.beta1));
  const secondFactor = mul(clip, scalar(Math.sqrt(1 - config.beta2)));
  const keep = sub(scalar(1), mul(schedule, scalar(config.weightDecay)));

  const updates: Record<string, Tensor> = {};
  [...table].forEach(([name, { tensor, shape }], i) => {
    const gradient = gradients[i]!;
    const first = input(firstMoment(name), 'float32', shape);
    const decaying = decays(name, config);
    const muon = muonOf(name, config);
    if (muon) {
      const { change, momentum } = muonUpdate(first, mul(gradient, clip), schedule, muon);
      updates[name] = sub(decaying ? mul(tensor, keep) : tensor, change);
      updates[firstMoment(name)] = momentum;
      return;
    }
    const second = input(secondMoment(name), 'float32', shape);
    const [next, m, v] = blockwise(
      [tensor, first, second, gradient],
      [rate, epsilon, firstFactor, secondFactor, keep],
      (values, factors) => adamUpdate(values, factors, config, decaying),
    );
    updates[name] = next!;
    updates[firstMoment(name)] = m!;
    updates[secondMoment(name)] = v!;
  });
  return { scalars: SCALARS, updates, gradientNorm };
}
