import { choleskyRegularised, solveFactored } from './cholesky.ts';
import { lowerGram, type Matrix, times, transposeTimes, zeroMatrix } from './matrix.ts';

export interface SoftmaxRegressionOptions {
  /** Default 500. */
  readonly iterations?: number;
  /** Stops when a step promises to lower the loss by less than this share of it. Default 1e-7. */
  readonly tolerance?: number;
}

/** Turns scores into each row's probabilities, in place, and gives Σ −y·log p. */
function crossEntropy({ rows, columns: k, data: scores }: Matrix, { data: y }: Matrix): number {
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const at = row * k;
    let largest = -Infinity;
    for (let j = 0; j < k; j++) largest = Math.max(largest, scores[at + j]!);
    let sum = 0;
    for (let j = 0; j < k; j++) sum += Math.exp(scores[at + j]! - largest);
    const logSum = largest + Math.log(sum);
    for (let j = 0; j < k; j++) {
      const logProbability = scores[at + j]! - logSum;
      loss -= y[at + j]! * logProbability;
      scores[at + j] = Math.exp(logProbability);
    }
  }
  return loss;
}

/** Replaces each row's probabilities p by the gradient of its loss, p·Σy − y. */
function subtractTargets({ rows, columns: k, data: p }: Matrix, { data: y }: Matrix): void {
  for (let row = 0; row < rows; row++) {
    let weight = 0;
    for (let j = 0; j < k; j++) weight += y[row * k + j]!;
    for (let j = 0; j < k; j++) p[row * k + j] = p[row * k + j]! * weight - y[row * k + j]!;
  }
}

/** The loss at W and its gradient. */
function evaluateAt(x: Matrix, y: Matrix, weights: Matrix, lambda: number) {
  const scores = times(x, weights);
  let loss = crossEntropy(scores, y);
  subtractTargets(scores, y);
  const gradient = transposeTimes(x, scores);
  for (let i = 0; i < gradient.data.length; i++) {
    const weight = weights.data[i]!;
    loss += (lambda / 2) * weight ** 2;
    gradient.data[i]! += lambda * weight;
  }
  return { loss, gradient };
}

/** ½XᵀX + λI, which no curvature of the loss exceeds (Böhning 1992), as its Cholesky factor. */
function curvatureBound(x: Matrix, lambda: number): Matrix {
  const bound = lowerGram(x);
  for (let i = 0; i < bound.data.length; i++) bound.data[i]! /= 2;
  choleskyRegularised(bound, lambda);
  return bound;
}

/**
 * Multinomial logistic regression: the W [d, k] that minimises Σ −Y·log softmax(XW) + λ/2·‖W‖². The loss has one
 * minimum, so the result depends on no schedule and no seed. Newton's method with Böhning's bound in place of the
 * curvature, which is factored once, and Nesterov's momentum, started anew whenever it would raise the loss.
 * Double precision and one thread: n·d² + d³/6 multiplications, then 2·n·d·k + d²·k in each of 20 to 200 iterations.
 * @param x features [n, d]
 * @param y targets [n, k], at least 0: a class, or shares of classes. A row's sum, at most 1, is its weight.
 * @throws RangeError when λ is not positive, or too small for linearly dependent features, or there are no examples
 */
export function softmaxRegression(
  x: Matrix,
  y: Matrix,
  lambda: number,
  { iterations = 500, tolerance = 1e-7 }: SoftmaxRegressionOptions = {},
): Matrix {
  if (!(lambda > 0)) throw new RangeError(`the regularisation is ${lambda}; it must be above 0`);
  if (x.rows === 0) throw new RangeError('softmax regression needs at least one example');
  const bound = curvatureBound(x, lambda);
  const start = zeroMatrix(x.columns, y.columns);
  let [weights, ahead, momentum] = [start, start, 1];
  let here = evaluateAt(x, y, start, lambda);
  let { loss } = here;
  for (let i = 0; i < iterations; i++) {
    const step = { ...here.gradient, data: here.gradient.data.slice() };
    solveFactored(bound, step);
    const next: Matrix = { ...ahead, data: ahead.data.map((value, j) => value - step.data[j]!) };
    const nextMomentum = (1 + Math.sqrt(1 + 4 * momentum ** 2)) / 2;
    const share = (momentum - 1) / nextMomentum;
    const before = weights;
    weights = next;
    // Half the step along the gradient: what the bound promises.
    const promised = here.gradient.data.reduce((sum, value, j) => sum + (value * step.data[j]!) / 2, 0);
    if (promised <= tolerance * loss) break;
    const extrapolated = next.data.map((value, j) => value + share * (value - before.data[j]!));
    const there = evaluateAt(x, y, { ...next, data: extrapolated }, lambda);
    if (there.loss <= loss) {
      [ahead, momentum, here] = [{ ...next, data: extrapolated }, nextMomentum, there];
    } else if (share > 0) {
      // Too far: once more from here without momentum.
      [ahead, momentum] = [next, 1];
      here = evaluateAt(x, y, next, lambda);
    } else break; // Rounding alone: a step without momentum can't raise the loss.
    loss = here.loss;
  }
  return weights;
}
