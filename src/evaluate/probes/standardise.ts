import { type Matrix, zeroMatrix } from './matrix.ts';

/** Mean and deviation of each feature. */
export interface FeatureScale {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** Added to deviations, so that a constant feature does not divide by zero (big_vision fewshot_lsr). */
const EPSILON = 1e-5;

/**
 * Mean and population deviation (+1e-5) of each column.
 * @example
 * const scale = featureScale(matrix(2, 1, [0, 2]));
 */
export function featureScale({ rows, columns, data }: Matrix): FeatureScale {
  const mean = new Float64Array(columns);
  const square = new Float64Array(columns);
  for (let at = 0; at < data.length; at++) mean[at % columns]! += data[at]! / rows;
  for (let at = 0; at < data.length; at++) {
    square[at % columns]! += (data[at]! - mean[at % columns]!) ** 2 / rows;
  }
  return { mean, deviation: square.map((value) => Math.sqrt(value) + EPSILON) };
}

/** Features with mean 0 and deviation 1, and one more column that holds `constant` in each row. */
export function standardise(
  { rows, columns, data }: Matrix,
  { mean, deviation }: FeatureScale,
  constant: number,
): Matrix {
  const result = zeroMatrix(rows, columns + 1);
  for (let i = 0; i < rows; i++) {
    const to = i * (columns + 1);
    for (let j = 0; j < columns; j++) {
      result.data[to + j] = (data[i * columns + j]! - mean[j]!) / deviation[j]!;
    }
    result.data[to + columns] = constant;
  }
  return result;
}
