import {
  add,
  constant,
  div,
  float32,
  matmul,
  mul,
  type NdArray,
  type Shape,
  scalar,
  sqrt,
  sumSquares,
  type Tensor,
} from '../../../tensor/index.ts';
import { atLeastZero, check, settings, shareBelowOne } from '../../../tensor/settings.ts';
import { type Transform, transformKind } from './transform.ts';

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

/**
 * Whether Muon moves a parameter: the matrices within blocks. Tables, what reads patches and what ends a tower are Adam's.
 * @example
 * console.log(isHiddenMatrix('text_model.encoder.layers.0.mlp.fc1.weight')); // true
 */
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
function orthogonalized(matrix: Tensor): Tensor {
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

/** A matrix's direction, whose elements have Adam's size for a rate of 1 when multiplied by {@link muonSize}. */
export function muonDirection(
  momentum: Tensor,
  gradient: Tensor,
  config: MuonConfig,
): { readonly direction: Tensor; readonly momentum: Tensor } {
  const towards = (from: Tensor, to: Tensor): Tensor => add(mul(from, keep), mul(to, rest));
  const [keep, rest] = [scalar(config.momentum), scalar(1 - config.momentum)];
  const next = towards(momentum, gradient);
  // Nesterov's momentum: it looks one step ahead.
  return { direction: orthogonalized(towards(next, gradient)), momentum: next };
}

/** The length of a direction of this shape, in learning rates: 0.2·√(the larger side). */
export const muonSize = (shape: Shape): number => ADAM_SIZE * Math.sqrt(Math.max(...(shape as number[])));

/** Made without a check: for settings that were checked where they came in. */
export const muonKind = transformKind((config: MuonConfig) => ({
  name: 'muon',
  moments: ['first_moment'],
  apply(gradient, { path, moment }) {
    assertMatrix(path, gradient);
    const { direction, momentum } = muonDirection(moment('first_moment'), gradient, config);
    const rate = scalar(config.learningRate * muonSize(gradient.shape));
    return { update: mul(direction, rate), moments: { first_moment: momentum } };
  },
}));

/**
 * lr·0.2·√max(rows, columns)·UVᵀ, with UΣVᵀ = μ·m + (1−μ)·g and m = μ·m + (1−μ)·g (Nesterov). It keeps no second moment:
 * training that goes on with Adam starts from none, and wants a warm-up.
 * @throws RangeError naming a setting that is wrong; when a step is made, naming a parameter that is no matrix
 * @example
 * const transform = muon({ learningRate: 1e-3, momentum: 0.95 });
 */
export function muon(config: MuonConfig): Transform {
  check('muon', muonSchema, config);
  return muonKind.make(config);
}

/** @throws RangeError when Muon is to move what is no matrix */
export function assertMatrix(path: string, { shape }: Tensor): void {
  if (shape.length !== 2)
    throw new RangeError(`muon moves matrices, and ${path} is [${shape.join(', ')}]: give it another rule`);
}
