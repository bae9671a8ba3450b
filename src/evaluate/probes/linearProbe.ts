import { type NdArray, ndarray } from '../../tensor/ndarray.ts';
import { type Matrix, times } from './matrix.ts';
import { ridge } from './ridge.ts';
import { softmaxRegression } from './softmaxRegression.ts';
import { type FeatureScale, featureScale, standardise } from './standardise.ts';

/** A linear map from frozen features. */
export interface LinearProbe {
  readonly scale: FeatureScale;
  /** `[d + 1, k]`: the last row is for the constant feature. */
  readonly weights: Matrix;
}

/** Large, so that the bias is almost unregularised (big_vision fewshot_lsr). */
const BIAS_CONSTANT = 100;

/**
 * Fits targets by ridge regression on standardised features with a constant feature of 100 (big_vision's
 * common_fewshot).
 * @param features [n, d]
 * @param targets [n, k]
 * @param lambda the l2 regularisation
 * @example
 * const probe = fitLinearProbe(matrix(2, 2, [0, 1, 1, 0]), matrix(2, 1, [0, 1]), 1e-3);
 */
export function fitLinearProbe(features: Matrix, targets: Matrix, lambda: number): LinearProbe {
  const scale = featureScale(features);
  return { scale, weights: ridge(standardise(features, scale, BIAS_CONSTANT), targets, lambda) };
}

/**
 * Fits classes, or shares of classes, by multinomial logistic regression on the same standardised features.
 * @param features [n, d]
 * @param targets [n, k], see `softmaxRegression`
 * @param lambda the l2 regularisation
 * @returns a probe whose outputs are logits
 * @example
 * const probe = fitSoftmaxProbe(matrix(2, 2, [0, 1, 1, 0]), matrix(2, 2, [1, 0, 0, 1]), 1e-3);
 */
export function fitSoftmaxProbe(features: Matrix, targets: Matrix, lambda: number): LinearProbe {
  const scale = featureScale(features);
  return { scale, weights: softmaxRegression(standardise(features, scale, BIAS_CONSTANT), targets, lambda) };
}

/**
 * What the probe makes of features: [n, d] → [n, k].
 * @example
 * const features = matrix(2, 2, [0, 1, 1, 0]);
 * const probe = fitLinearProbe(features, matrix(2, 1, [0, 1]), 1e-3);
 * console.log(applyLinearProbe(probe, features).data);
 */
export const applyLinearProbe = ({ scale, weights }: LinearProbe, features: Matrix): Matrix =>
  times(standardise(features, scale, BIAS_CONSTANT), weights);

/** y = W·x + b. */
export interface LinearLayer {
  /** [k, d] */
  readonly weight: NdArray<'float32'>;
  /** [k] */
  readonly bias: NdArray<'float32'>;
}

/**
 * A probe as one layer on features as they come: its standardisation is within the weights. So it is stored and used
 * anywhere, as PyTorch's `Linear` for one.
 * @example
 * const probe = fitLinearProbe(matrix(2, 2, [0, 1, 1, 0]), matrix(2, 1, [0, 1]), 1e-3);
 * await writeSafetensors('probe.safetensors', { ...linearLayer(probe) });
 */
export function linearLayer({ scale: { mean, deviation }, weights }: LinearProbe): LinearLayer {
  const [width, outputs] = [weights.rows - 1, weights.columns];
  const weight = new Float32Array(outputs * width);
  const bias = new Float32Array(outputs);
  for (let j = 0; j < outputs; j++) {
    let constant = weights.data[width * outputs + j]! * BIAS_CONSTANT;
    for (let i = 0; i < width; i++) {
      const scaled = weights.data[i * outputs + j]! / deviation[i]!;
      weight[j * width + i] = scaled;
      constant -= scaled * mean[i]!;
    }
    bias[j] = constant;
  }
  return {
    weight: ndarray('float32', [outputs, width], weight),
    bias: ndarray('float32', [outputs], bias),
  };
}
