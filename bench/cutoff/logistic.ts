import { choleskyRegularised, solveFactored } from '../../src/evaluate/probes/cholesky.ts';
import { zeroMatrix } from '../../src/evaluate/probes/matrix.ts';

/** One observation: with this weight, these inputs (and a part of the logit that is given), it was so or not. */
export interface Observation {
  readonly inputs: readonly number[];
  readonly offset: number;
  readonly weight: number;
  readonly so: boolean;
}

const ROUNDS = 30;

/**
 * Logistic regression by Newton's steps, with a small penalty on the squares of the coefficients.
 * @returns the constant, then a coefficient for each input
 */
export function fitLogistic(observations: readonly Observation[], penalty = 0.01): number[] {
  const size = observations[0]!.inputs.length + 1;
  const fitted = new Array<number>(size).fill(0);
  for (let round = 0; round < ROUNDS; round++) {
    const hessian = zeroMatrix(size, size);
    const gradient = zeroMatrix(size, 1);
    for (const { inputs, offset, weight, so } of observations) {
      const x = [1, ...inputs];
      const logit = x.reduce((sum, value, i) => sum + value * fitted[i]!, offset);
      const p = 1 / (1 + Math.exp(-logit));
      for (let i = 0; i < size; i++) {
        gradient.data[i]! += weight * ((so ? 1 : 0) - p) * x[i]!;
        for (let j = 0; j < size; j++) hessian.data[i * size + j]! += weight * p * (1 - p) * x[i]! * x[j]!;
      }
    }
    for (let i = 1; i < size; i++) gradient.data[i]! -= penalty * fitted[i]!;
    choleskyRegularised(hessian, penalty);
    solveFactored(hessian, gradient);
    for (let i = 0; i < size; i++) fitted[i]! += gradient.data[i]!;
  }
  return fitted;
}
