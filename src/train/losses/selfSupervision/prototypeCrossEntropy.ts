import type { HeadOutputs } from '../../../model/distillationHead.ts';
import {
  add,
  concat,
  exp,
  linear,
  logSumExp,
  matmul,
  mul,
  neg,
  reshape,
  scalar,
  slice,
  softmax,
  staticDim,
  sub,
  sum,
  type Tensor,
  withGradient,
} from '../../../tensor/index.ts';
import { together } from '../blocks/together.ts';
import { zeroAfter } from '../blocks/zeroAfter.ts';

export interface PrototypeCrossEntropyInputs {
  /** Features [N·V, D], the V views of one teacher row after another, and prototypes [K, D]. */
  readonly student: HeadOutputs;
  /** Features [N, D] and prototypes [K, D]. They get no gradient. */
  readonly teacher: HeadOutputs;
  /** Running mean of the teacher's logits, [K]. */
  readonly centre: Tensor;
}

export interface PrototypeCrossEntropyOptions {
  readonly studentTemperature: number;
  readonly teacherTemperature: number;
  /**
   * Teacher rows per block of logits; memory is a few rows·(V + 1)·K numbers. Default: as many as make a block of
   * 128 MiB.
   */
  readonly rows?: number;
}

export interface PrototypeCrossEntropy {
  /** Mean over the N·V pairs, a scalar. */
  readonly loss: Tensor;
  /** Mean entropy of the teacher's distributions, a scalar from 0 (one prototype) to ln K (all alike). */
  readonly teacherEntropy: Tensor;
}

/** Logits in a block, when the caller does not say: 128 MiB of float32. */
const BLOCK_LOGITS = 2 ** 25;

interface Block {
  /** z/τ_s, [n·V, D] and w, [K, D]. */
  readonly student: HeadOutputs;
  /** u/τ_t, [n, D] and w_t, [K, D]. */
  readonly teacher: HeadOutputs;
  /** −c/τ_t, [K]. */
  readonly shift: Tensor;
}

/** Sums over a block's rows, and what the backward pass needs of them. */
interface BlockResult {
  readonly crossEntropy: Tensor;
  readonly entropy: Tensor;
  /** ∂ crossEntropy / ∂ (z/τ_s), [n·V, D]. */
  readonly slope: Tensor;
  /** ln Σ eˢ of each student row, [n·V], and of each teacher row, [n]. */
  readonly studentNormalizer: Tensor;
  readonly teacherNormalizer: Tensor;
}

const rowCount = (x: Tensor): number => staticDim(x.shape[0], 'the number of rows');

/**
 * −Σ_k p_t log p_s = lse(s) − Σ_k p_t·s, and the same with s = t for the entropy: no log-probability is formed, and
 * the sum over k is a product that reads its operands once. The features' gradient, (p_s − p_t)·w, is taken while the
 * probabilities are there.
 */
function blockResult({ student, teacher, shift }: Block): BlockResult {
  const n = rowCount(teacher.features);
  const rows = rowCount(student.features);
  const k = rowCount(shift);
  const studentLogits = linear(student.features, student.prototypes);
  const teacherLogits = linear(teacher.features, teacher.prototypes, shift);
  const p = softmax(teacherLogits);
  const expected = (logits: Tensor, views: number) =>
    sum(matmul(reshape(logits, [n, views, k]), reshape(p, [n, k, 1])));
  const difference = sub(reshape(softmax(studentLogits), [n, rows / n, k]), reshape(p, [n, 1, k]));
  const studentNormalizer = logSumExp(studentLogits);
  const teacherNormalizer = logSumExp(teacherLogits);
  const [crossEntropy, entropy, slope, ...normalizers] = together([
    sub(sum(studentNormalizer), expected(studentLogits, rows / n)),
    sub(sum(teacherNormalizer), expected(teacherLogits, 1)),
    matmul(reshape(difference, [rows, k]), student.prototypes),
    reshape(studentNormalizer, [rows]),
    reshape(teacherNormalizer, [n]),
  ]);
  return {
    crossEntropy: crossEntropy!,
    entropy: entropy!,
    slope: slope!,
    studentNormalizer: normalizers[0]!,
    teacherNormalizer: normalizers[1]!,
  };
}

/**
 * ∂/∂w = (p_s − p_t)ᵀ·z/τ_s. The probabilities are computed again, transposed, so that neither this graph nor the
 * runtime's common-subexpression elimination keeps the forward pass's block alive; with the normalisers at hand they
 * are one exponential of the logits.
 */
function prototypeGradient({ student, teacher, shift }: Block, result: BlockResult, dy: Tensor): Tensor {
  const n = rowCount(teacher.features);
  const rows = rowCount(student.features);
  const k = rowCount(shift);
  const studentProbabilities = exp(
    linear(student.prototypes, student.features, neg(result.studentNormalizer)),
  );
  const uncentred = linear(teacher.prototypes, teacher.features, neg(result.teacherNormalizer));
  const teacherProbabilities = exp(add(uncentred, reshape(shift, [k, 1])));
  const difference = sub(
    reshape(studentProbabilities, [k, n, rows / n]),
    reshape(teacherProbabilities, [k, n, 1]),
  );
  return matmul(reshape(difference, [k, rows]), mul(student.features, dy));
}

/**
 * Gradients of the sum over all blocks by z/τ_s and w. Each block's waits for the one before: otherwise an executor may
 * make the probabilities of all blocks first and multiply them later.
 */
function gradients(blocks: readonly Block[], results: readonly BlockResult[], dy: Tensor): Tensor[] {
  let dPrototypes: Tensor | undefined;
  blocks.forEach(({ student, teacher, shift }, i) => {
    const zero = dPrototypes && zeroAfter(dPrototypes);
    const later = (side: HeadOutputs): HeadOutputs =>
      zero ? { ...side, features: add(side.features, zero) } : side;
    const block = { student: later(student), teacher: later(teacher), shift };
    const gradient = prototypeGradient(block, results[i]!, dy);
    dPrototypes = dPrototypes ? add(dPrototypes, gradient) : gradient;
  });
  const slopes = results.map(({ slope }) => slope);
  return [mul(slopes.length > 1 ? concat(slopes, 0) : slopes[0]!, dy), dPrototypes!];
}

/**
 * Cross-entropy between a teacher's and a student's soft assignment to prototypes (DINO §3.1; paper §2.3):
 * −mean Σ_k p_t[k] log p_s[k] with p_t = softmax((g − c)/τ_t), p_s = softmax(s/τ_s), where the logits g and s are
 * the cosines of features with prototypes.
 *
 * Features and prototypes are taken instead of logits, because N·V × K logits (K is 65,536) need not exist at once.
 * @throws RangeError when the student's rows are no multiple of the teacher's or a temperature is not positive
 */
export function prototypeCrossEntropy(
  { student, teacher, centre }: PrototypeCrossEntropyInputs,
  options: PrototypeCrossEntropyOptions,
): PrototypeCrossEntropy {
  const { studentTemperature, teacherTemperature } = options;
  const count = rowCount(teacher.features);
  const views = rowCount(student.features) / count;
  if (!Number.isInteger(views) || views < 1) {
    throw new RangeError(
      `${rowCount(student.features)} student rows are no whole number for ${count} teacher rows`,
    );
  }
  for (const [name, value] of Object.entries({ studentTemperature, teacherTemperature })) {
    if (!(value > 0)) throw new RangeError(`${name} is ${value}; it must be positive`);
  }
  const rows = options.rows ?? Math.max(1, Math.floor(BLOCK_LOGITS / ((views + 1) * rowCount(centre))));
  const z = mul(student.features, scalar(1 / studentTemperature));
  const u = mul(teacher.features, scalar(1 / teacherTemperature));
  const shift = mul(centre, scalar(-1 / teacherTemperature));
  const blocks = Array.from({ length: Math.ceil(count / rows) }, (_, i): Block => {
    const [start, end] = [i * rows, Math.min((i + 1) * rows, count)];
    return {
      student: { ...student, features: slice(z, 0, start * views, end * views) },
      teacher: { ...teacher, features: slice(u, 0, start, end) },
      shift,
    };
  });
  const results = blocks.map(blockResult);
  const total = (terms: readonly Tensor[]) => terms.reduce(add);
  const crossEntropy = withGradient(
    total(results.map((result) => result.crossEntropy)),
    [z, student.prototypes],
    (dy) => gradients(blocks, results, dy),
  );
  return {
    loss: mul(crossEntropy, scalar(1 / (count * views))),
    teacherEntropy: mul(total(results.map(({ entropy }) => entropy)), scalar(1 / count)),
  };
}
