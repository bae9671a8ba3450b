import { add, mul, scalar, sign, type Tensor } from 'siglip2/tensor';
import {
  addDecayedWeights,
  clipByGlobalNorm,
  isKernel,
  type Optimizer,
  optimizerRules,
  PAPER_OPTIMIZER,
  scaleBySchedule,
  type Transform,
} from 'siglip2/train';

const mix = (from: Tensor, to: Tensor, keep: number): Tensor =>
  add(mul(from, scalar(keep)), mul(to, scalar(1 - keep)));

/** Lion: lr·sign(β1·m + (1−β1)·g), then m = β2·m + (1−β2)·g (Chen et al. 2023, arXiv 2302.06675). */
export const lion = (learningRate: number, beta1 = 0.9, beta2 = 0.99): Transform => ({
  name: 'lion',
  moments: ['first_moment'],
  apply(gradient, { moment }) {
    const m = moment('first_moment');
    return {
      update: mul(sign(mix(m, gradient, beta1)), scalar(learningRate)),
      moments: { first_moment: mix(m, gradient, beta2) },
    };
  },
});

/** Lion for the kernels, the paper's Adam for all others. */
export const optimizer: Optimizer = {
  learningRate: 3e-4,
  rules: [
    {
      name: 'lion',
      matches: isKernel,
      chain: [clipByGlobalNorm(1), lion(3e-4), addDecayedWeights(1e-3), scaleBySchedule()],
    },
    ...optimizerRules(PAPER_OPTIMIZER),
  ],
};
