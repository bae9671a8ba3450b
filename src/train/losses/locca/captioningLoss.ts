import {
  add,
  concat,
  div,
  exp,
  gather,
  linear,
  logSumExp,
  matmul,
  maximum,
  mul,
  neg,
  reshape,
  scalar,
  slice,
  staticDim,
  sub,
  sum,
  type Tensor,
  withGradient,
} from '../../../tensor/index.ts';
import { zeroAfter } from '../blocks/zeroAfter.ts';

/** The projection to the vocabulary. */
export interface VocabularyProjection {
  /** [V, d] */
  readonly kernel: Tensor;
  /** [V] */
  readonly bias: Tensor;
}

export interface VocabularyCrossEntropyInputs extends VocabularyProjection {
  /** Hidden states, [M, d]. */
  readonly hidden: Tensor;
  /** Ids of the right tokens, [M] int32. */
  readonly targets: Tensor;
}

/**
 * Logits in a block when the caller does not say: 256 MiB of float32. Every block adds a gradient to the [V, d] kernel's,
 * which costs as much as a few dozen rows; far smaller blocks would be mostly that.
 */
const BLOCK_LOGITS = 2 ** 26;

type States = Omit<VocabularyCrossEntropyInputs, 'targets'>;

/** First and last position of every block. */
function blocksOf(count: number, rows: number): [start: number, end: number][] {
  const starts = Array.from({ length: Math.ceil(count / rows) }, (_, i) => i * rows);
  return starts.map((start) => [start, Math.min(start + rows, count)]);
}

/** ln Σ e^l of every position, [M, 1]. */
function normalizers(states: States, rows: number): Tensor {
  const { hidden, kernel, bias } = states;
  const blocks = blocksOf(staticDim(hidden.shape[0]), rows);
  const values = concat(
    blocks.map(([start, end]) => logSumExp(linear(slice(hidden, 0, start, end), kernel, bias))),
    0,
  );
  return withGradient(values, [hidden, kernel, bias], (dy) => normalizerGradient(states, blocks, values, dy));
}

/**
 * ∂/∂l = softmax(l). The logits are computed again, transposed, so that neither this graph nor the runtime's
 * common-subexpression elimination keeps the forward pass's blocks alive. Each block waits for the gradients of the
 * one before: otherwise an executor may make all blocks first and multiply them later.
 */
function normalizerGradient(
  { hidden, kernel, bias }: States,
  blocks: readonly (readonly [start: number, end: number])[],
  values: Tensor,
  dy: Tensor,
): Tensor[] {
  const size = kernel.shape[0]!;
  const dHidden: Tensor[] = [];
  let dKernel: Tensor | undefined;
  let dBias: Tensor | undefined;
  for (const [start, end] of blocks) {
    const take = (x: Tensor) => slice(x, 0, start, end);
    const shift = neg(reshape(take(values), [end - start]));
    const ordered = dKernel && dBias ? add(shift, zeroAfter(dHidden.at(-1)!, dKernel, dBias)) : shift;
    // With the normalisers at hand the probabilities are one exponential; positions are weighted in the small factor
    // of each product.
    const probabilities = exp(add(linear(kernel, take(hidden), ordered), reshape(bias, [size, 1])));
    const weights = take(dy);
    const toKernel = matmul(probabilities, mul(take(hidden), weights));
    const toBias = reshape(matmul(probabilities, weights), [size]);
    dHidden.push(mul(matmul(probabilities, kernel, { transA: true }), weights));
    dKernel = dKernel ? add(dKernel, toKernel) : toKernel;
    dBias = dBias ? add(dBias, toBias) : toBias;
  }
  return [concat(dHidden, 0), dKernel!, dBias!];
}

/**
 * Softmax cross-entropy of every position over the vocabulary, [M]: ln Σ_v e^(l_v) − l_target with l = h·Wᵀ + b.
 *
 * Hidden states are taken instead of logits because M × V logits need not exist at once (the paper evaluates this loss
 * in chunks too, §2.2): memory is two or three blocks of rows·V numbers, forward and backward. The targets' logits
 * are computed alone, from the M rows of the kernel that they name.
 * @param rows positions per block. Default: as many as make a block of 256 MiB.
 * @throws RangeError when there is another number of targets than of hidden states, or `rows` is no positive integer
 */
export function vocabularyCrossEntropy(inputs: VocabularyCrossEntropyInputs, rows?: number): Tensor {
  const { hidden, kernel, bias, targets } = inputs;
  const count = staticDim(hidden.shape[0], 'the number of positions');
  const size = staticDim(kernel.shape[0], 'the vocabulary size');
  if (targets.shape.length !== 1 || targets.shape[0] !== count) {
    throw new RangeError(`targets are [${targets.shape.join(', ')}], but there are ${count} hidden states`);
  }
  const block = rows ?? Math.max(1, Math.floor(BLOCK_LOGITS / size));
  if (!Number.isInteger(block) || block < 1) {
    throw new RangeError(`rows is ${block}; it must be an integer of at least 1`);
  }
  const targetBias = reshape(gather(reshape(bias, [size, 1]), targets), [count]);
  const targetLogits = add(sum(mul(hidden, gather(kernel, targets)), [-1]), targetBias);
  return sub(reshape(normalizers({ hidden, kernel, bias }, block), [count]), targetLogits);
}

/**
 * How losses of tokens become one number: `tokens` is the mean over all weighted tokens of a task, `texts` the mean of
 * each text's mean, as in big_vision's `weighted_softmax_xent`. The paper does not say which.
 */
export type TokenAverage = 'tokens' | 'texts';
export const TOKEN_AVERAGES: readonly TokenAverage[] = ['tokens', 'texts'];

/** Keeps a task without a single weighted token at 0 instead of 0/0. */
const NO_TOKENS = 1e-9;

const ratio = (total: Tensor, weight: Tensor): Tensor => div(total, maximum(weight, scalar(NO_TOKENS)));

/**
 * The mean loss of each task.
 * @param losses of tokens, [N, K, T]: N examples, K tasks
 * @param weights of tokens, alike: 0 for pads and task prefixes
 * @returns [K]; 0 for a task without tokens
 */
export function averageByTask(losses: Tensor, weights: Tensor, average: TokenAverage): Tensor {
  const weighted = mul(losses, weights);
  if (average === 'tokens') return ratio(sum(weighted, [0, 2]), sum(weights, [0, 2]));
  const total = sum(weights, [2]);
  const texts = ratio(sum(weighted, [2]), total);
  // 1 for a text that has tokens, else 0.
  const present = div(total, maximum(total, scalar(NO_TOKENS)));
  return ratio(sum(texts, [0]), sum(present, [0]));
}
