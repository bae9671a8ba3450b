import { exp, reshape, type Tensor } from '../../../tensor/index.ts';

/** What an objective reports of the learned scalars: exp(t′) and b. */
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
