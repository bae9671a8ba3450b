import type { OptimizerConfig } from './config.ts';

/**
 * Whether weight decay touches a parameter: big_vision's mask `.*\/kernel$` in Hugging Face names. Biases, norms,
 * embeddings, positions, the probe and the two scalars are exempt.
 */
export const isKernel = (name: string): boolean =>
  /(?:_proj|fc\d+|head|patch_embedding|prototypes)\.weight$|in_proj_weight$/.test(name);

/** Whether an optimizer's weight decay touches a parameter. */
export const decays = (name: string, { weightDecay }: OptimizerConfig): boolean =>
  weightDecay > 0 && isKernel(name);
