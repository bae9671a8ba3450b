import { float32, input, linear, mul, scalar, square, sub, sum } from 'siglip2/tensor';
import { normal, parameterScope, registerLoss, rules } from 'siglip2/train';

/** What a timeline may say of it. */
export interface CountingSettings {
  /** A picture with more regions counts as one with so many. Default 20. */
  readonly most?: number;
}

/** How many regions a picture has, read off its pooled features: the mean square of the error, in shares of `most`. */
export const counting = registerLoss<CountingSettings>({
  name: 'counting',
  weight: 0.1,
  settings: { most: rules.optional(rules.count) },

  objective({ model, config, batch: { images } }) {
    const head = parameterScope(model.parameters).scope('counting_head');
    const weight = head.get('weight', [1, config.vision.hiddenSize], normal(0.02));
    const shares = input('region_shares', 'float32', [images, 1]);
    const error = sub(linear(model.vision.pooled, weight), shares);
    return {
      loss: mul(sum(square(error)), scalar(1 / images)),
      metrics: { countingBias: mul(sum(error), scalar(1 / images)) },
      inputs: { region_shares: shares },
    };
  },

  batch({ images }, { most = 20 }) {
    const shares: number[] = [];
    return {
      add: ({ regions = [] }) => void shares.push(Math.min(regions.length / most, 1)),
      finish: () => ({ region_shares: float32([images, 1], shares) }),
    };
  },
});
