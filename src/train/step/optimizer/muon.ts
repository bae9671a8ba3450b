import {
  add,
  constant,
  div,
  float32,
  matmul,
  mul,
  type NdArray,
  scalar,
  sqrt,
  sumSquares,
  type Tensor,
} from '../../../tensor/index.ts';
import { atLeastZero, settings, shareBelowOne } from '../../../tensor/settings.ts';

/**
 * Muon, momentum whose update of a matrix has all of its directions equally large: the update UΣVᵀ becomes UVᵀ (Jordan et
 * al. 2024, https://kellerjordan.github.io/posts/muon/). Not of the paper, which has Adam everywhere.
 */
export interface MuonConfig {
  /** In units of Adam's: an update's elements have a root mean square of a fifth of it, as Adam's about have. */
  readonly learningRate: number;
  readonly momentum: number;
}

export const muonSchema = settings<MuonConfig>({ learningRate: atLeastZero, momentum: shareBelowOne });

/** Whether Muon moves a parameter: the matrices within blocks. Tables, what reads patches and what ends a tower are Adam's. */
export const isHiddenMatrix = (name: string): boolean => /(?:_proj|fc\d+)\.weight$/.test(name);

/** Newton and Schulz's quintic with the steepest slope at zero: singular values end between 0.7 and 1.2, not at 1. */
const COEFFICIENTS = [3.4445, -4.775, 2.0315] as const;
/** Root mean square of what Adam moves an element by, in learning rates (Liu et al. 2025, arXiv 2502.16982). */
const ADAM_SIZE = 0.2;
const ITERATIONS = 5;
const SMALLEST_NORM = 1e-7;

function identityMatrix(size: number): NdArray<'float32'> {
  const identity = float32([size, size], new Float32Array(size * size));
  for (let i = 0; i < size; i++) identity.data[i * (size + 1)] = 1;
  return identity;
}

/** aI + bG + cG² of a Gram matrix G, [n, n]: what one iteration multiplies by. */
function polynomial(gram: Tensor): Tensor {
  const [a, b, c] = COEFFICIENTS.map((coefficient) => scalar(coefficient)) as [Tensor, Tensor, Tensor];
  const identity = constant(identityMatrix(gram.shape[0] as number));
  return add(mul(identity, a), add(mul(gram, b), mul(matmul(gram, gram), c)));
}

/**
 * UVᵀ, about, of a matrix UΣVᵀ.
 * @param matrix [rows, columns]; all zeros stay so
 */
export function orthogonalized(matrix: Tensor): Tensor {
  const [rows, columns] = matrix.shape as [number, number];
  const tall = rows > columns;
  const scaled = div(matrix, add(sqrt(sumSquares(matrix)), scalar(SMALLEST_NORM)));
  // The smaller of the two Gram matrices. Every iteration's follows from the one before, and polynomials of one matrix
  // commute: their product is applied once, not each to the whole matrix.
  let gram = tall ? matmul(scaled, scaled, { transA: true }) : matmul(scaled, scaled, { transB: true });
  let factor = polynomial(gram);
  let product = factor;
  for (let i = 1; i < ITERATIONS; i++) {
    gram = matmul(matmul(factor, gram), factor);
    factor = polynomial(gram);
    product = matmul(factor, product);
  }
  return tall ? matmul(scaled, product) : matmul(product, scaled);
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
