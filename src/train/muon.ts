import { add, div, matmul, mul, scalar, sqrt, sumSquares, type Tensor } from '../tensor/index.ts';

/**
 * Muon, momentum whose update of a matrix has all of its directions equally large: the update UΣVᵀ becomes UVᵀ (Jordan et
 * al. 2024, https://kellerjordan.github.io/posts/muon/). Not of the paper, which has Adam everywhere.
 */
export interface MuonConfig {
  /** In units of Adam's: an update's elements have a root mean square of a fifth of it, as Adam's about have. */
  readonly learningRate: number;
  readonly momentum: number;
}

/** Whether Muon moves a parameter: the matrices within blocks. Tables, what reads patches and what ends a tower are Adam's. */
export const isHiddenMatrix = (name: string): boolean => /(?:_proj|fc\d+)\.weight$/.test(name);

/** Newton and Schulz's quintic with the steepest slope at zero: singular values end between 0.7 and 1.2, not at 1. */
const COEFFICIENTS = [3.4445, -4.775, 2.0315] as const;
/** Root mean square of what Adam moves an element by, in learning rates (Liu et al. 2025, arXiv 2502.16982). */
const ADAM_SIZE = 0.2;
const ITERATIONS = 5;
const SMALLEST_NORM = 1e-7;

/**
 * UVᵀ, about, of a matrix UΣVᵀ.
 * @param matrix [rows, columns]; all zeros stay so
 */
export function orthogonalized(matrix: Tensor): Tensor {
  const [a, b, c] = COEFFICIENTS.map((coefficient) => scalar(coefficient)) as [Tensor, Tensor, Tensor];
  const [rows, columns] = matrix.shape as [number, number];
  const tall = rows > columns;
  let x = div(matrix, add(sqrt(sumSquares(matrix)), scalar(SMALLEST_NORM)));
  for (let i = 0; i < ITERATIONS; i++) {
    // The smaller of the two Gram matrices gives the same product.
    const gram = tall ? matmul(x, x, { transA: true }) : matmul(x, x, { transB: true });
    const polynomial = add(mul(gram, b), mul(matmul(gram, gram), c));
    x = add(mul(x, a), tall ? matmul(x, polynomial) : matmul(polynomial, x));
  }
  return x;
}

/**
 * A matrix's change, to be subtracted, and its momentum, which is a mean of gradients and so in Adam's units.
 * @param gradient clipped, [rows, columns]
 * @param schedule scalar
 */
export function muonUpdate(
  momentum: Tensor,
  gradient: Tensor,
  schedule: Tensor,
  config: MuonConfig,
): { readonly change: Tensor; readonly momentum: Tensor } {
  const towards = (from: Tensor, to: Tensor): Tensor => add(mul(from, keep), mul(to, rest));
  const [keep, rest] = [scalar(config.momentum), scalar(1 - config.momentum)];
  const next = towards(momentum, gradient);
  // Nesterov's momentum: it looks one step ahead.
  const direction = orthogonalized(towards(next, gradient));
  const size = Math.sqrt(Math.max(...(gradient.shape as number[])));
  const rate = mul(schedule, scalar(config.learningRate * ADAM_SIZE * size));
  return { change: mul(direction, rate), momentum: next };
}
