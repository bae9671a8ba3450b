import { exp, reshape, type Tensor } from '../../../tensor/index.ts';

/**
 * What an objective reports of the learned scalars: exp(t′) and b.
 * @example
 * const model = twoTowers(variantConfig('B/16'), { images: 8, texts: 8 });
 * const metrics = logitMetrics(model);
 */
export const logitMetrics = ({
  logitScale,
  logitBias,
}: {
  readonly logitScale: Tensor;
  readonly logitBias: Tensor;
}): { readonly temperature: Tensor; readonly bias: Tensor } => ({
  temperature: reshape(exp(logitScale), []),
  bias: reshape(logitBias, []),
});
