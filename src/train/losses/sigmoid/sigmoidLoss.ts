import {
  add,
  cast,
  concat,
  constant,
  equal,
  exp,
  int32,
  matmul,
  mul,
  reshape,
  scalar,
  sigmoid,
  slice,
  softplus,
  staticDim,
  sub,
  sum,
  type Tensor,
  withGradient,
} from '../../../tensor/index.ts';
import { check, count, object, optional, settings } from '../../../tensor/settings.ts';
import { zeroAfter } from '../blocks/zeroAfter.ts';

export interface SigmoidLossInputs {
  /** Unit-length image embeddings, [N, d]. */
  readonly images: Tensor;
  /** Unit-length text embeddings, [M, d]. */
  readonly texts: Tensor;
  /** Log-temperature t′, [1]. */
  readonly logitScale: Tensor;
  /** Bias b, [1]. */
  readonly logitBias: Tensor;
}

export interface SigmoidLossOptions {
  /**
   * What each image and each text shows, int32 [N] and [M]: a pair matches where they are equal.
   * Default: the pairs of the diagonal (N = M).
   */
  readonly ids?: { readonly images: Tensor; readonly texts: Tensor };
  /** Images per block of logits. Memory is rows·M numbers instead of N·M. Default: all. */
  readonly rows?: number;
}

const sigmoidLossSchema = settings<SigmoidLossOptions>({
  ids: optional(
    settings<NonNullable<SigmoidLossOptions['ids']>>({
      images: object('a tensor'),
      texts: object('a tensor'),
    }),
  ),
  rows: optional(count),
});

interface Pairs extends SigmoidLossInputs {
  readonly imageIds: Tensor;
  readonly textIds: Tensor;
}

/** 1 where image and text match, [N, M] or, transposed, [M, N]. */
const matches = (rows: Tensor, columns: Tensor): Tensor =>
  cast(equal(reshape(rows, [rows.shape[0]!, 1]), reshape(columns, [1, columns.shape[0]!])), 'float32');

/** The same for each block of `rows` images. */
function blocksOf(pairs: Pairs, rows: number): Pairs[] {
  const count = staticDim(pairs.images.shape[0], 'the number of images');
  return Array.from({ length: Math.ceil(count / rows) }, (_, i) => {
    const take = (x: Tensor) => slice(x, 0, i * rows, Math.min((i + 1) * rows, count));
    return { ...pairs, images: take(pairs.images), imageIds: take(pairs.imageIds) };
  });
}

/**
 * Σ softplus(−z·l) over one block, l = e^t′·⟨x, y⟩ + b. As softplus(−l) = softplus(l) − l, that is
 * Σ softplus(l) − Σ matching l.
 */
function blockValue({ images, texts, logitScale, logitBias, imageIds, textIds }: Pairs): Tensor {
  const logits = add(mul(matmul(images, texts, { transB: true }), exp(logitScale)), logitBias);
  return sub(sum(softplus(logits)), sum(mul(matches(imageIds, textIds), logits)));
}

interface Gradients {
  readonly images: Tensor;
  readonly texts: Tensor;
  readonly logitScale: Tensor;
  readonly logitBias: Tensor;
}

/**
 * ∂/∂l = σ(l) − [match]. The logits are computed again, transposed, so that neither this graph nor the runtime's
 * common-subexpression elimination keeps the forward block alive.
 */
function blockGradients(block: Pairs, dy: Tensor): Gradients {
  const { images, texts, logitScale, logitBias, imageIds, textIds } = block;
  const temperature = exp(logitScale);
  const cosines = matmul(texts, images, { transB: true });
  const logits = add(mul(cosines, temperature), logitBias);
  const dLogits = mul(sub(sigmoid(logits), matches(textIds, imageIds)), dy);
  const dCosines = mul(dLogits, temperature);
  return {
    images: matmul(dCosines, texts, { transA: true }),
    texts: matmul(dCosines, images),
    logitScale: reshape(sum(mul(dCosines, cosines)), [1]),
    logitBias: reshape(sum(dLogits), [1]),
  };
}

/**
 * Gradients of all blocks. Each block waits for those of the one before: otherwise an executor may make all blocks first
 * and multiply them later.
 */
function gradients(blocks: readonly Pairs[], dy: Tensor): Tensor[] {
  const ofImages: Tensor[] = [];
  let sums: Gradients | undefined;
  for (const block of blocks) {
    const images = sums
      ? add(block.images, zeroAfter(sums.images, sums.texts, sums.logitScale, sums.logitBias))
      : block.images;
    const next = blockGradients({ ...block, images }, dy);
    ofImages.push(next.images);
    sums = sums
      ? {
          images: next.images,
          texts: add(sums.texts, next.texts),
          logitScale: add(sums.logitScale, next.logitScale),
          logitBias: add(sums.logitBias, next.logitBias),
        }
      : next;
  }
  const { texts, logitScale, logitBias } = sums!;
  return [ofImages.length > 1 ? concat(ofImages, 0) : ofImages[0]!, texts, logitScale, logitBias];
}

/** Ids that match each image with the text of its place alone. */
function diagonalIds(n: number): NonNullable<SigmoidLossOptions['ids']> {
  const ids = constant(
    int32(
      [n],
      Int32Array.from({ length: n }, (_, i) => i),
    ),
  );
  return { images: ids, texts: ids };
}

/**
 * Sigmoid loss (SigLIP §3; paper §2.1): −(1/N) Σᵢ Σⱼ log σ(zᵢⱼ(e^t′⟨xᵢ, yⱼ⟩ + b)), zᵢⱼ = 1 for matching pairs, else −1.
 * The normaliser is the number of images, not of pairs. Blocks of `rows` images bound the memory: a few blocks of
 * rows·M numbers, forward and backward.
 * @returns the loss, a scalar
 * @throws RangeError when there are no ids and the batches differ in size, or `rows` is no positive integer
 * @example
 * const loss = sigmoidLoss({
 *   images: input('images', 'float32', [8, 64]),
 *   texts: input('texts', 'float32', [8, 64]),
 *   logitScale: scalar(Math.log(10)),
 *   logitBias: scalar(-10),
 * });
 */
export function sigmoidLoss(inputs: SigmoidLossInputs, options: SigmoidLossOptions = {}): Tensor {
  const { images, texts } = inputs;
  check('sigmoidLoss', sigmoidLossSchema, options);
  const n = staticDim(images.shape[0], 'the number of images');
  if (!options.ids && texts.shape[0] !== n) {
    throw new RangeError(`${n} images and ${texts.shape[0]} texts are no pairs: pass ids`);
  }
  const ids = options.ids ?? diagonalIds(n);
  const rows = options.rows ?? n;
  const blocks = blocksOf({ ...inputs, imageIds: ids.images, textIds: ids.texts }, rows);
  const total = withGradient(
    blocks.map(blockValue).reduce(add),
    [images, texts, inputs.logitScale, inputs.logitBias],
    (dy) => gradients(blocks, dy),
  );
  return mul(total, scalar(1 / n));
}
