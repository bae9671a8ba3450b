import {
  add,
  cast,
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
} from '../../tensor/index.ts';

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

interface Block extends SigmoidLossInputs {
  readonly imageIds: Tensor;
  readonly textIds: Tensor;
}

/** 1 where image and text match, [N, M] or, transposed, [M, N]. */
const matches = (rows: Tensor, columns: Tensor): Tensor =>
  cast(equal(reshape(rows, [rows.shape[0]!, 1]), reshape(columns, [1, columns.shape[0]!])), 'float32');

/**
 * Σ softplus(−z·l) over one block, l = e^t′·⟨x, y⟩ + b. As softplus(−l) = softplus(l) − l, that is
 * Σ softplus(l) − Σ matching l.
 */
function blockLoss(block: Block): Tensor {
  const { images, texts, logitScale, logitBias, imageIds, textIds } = block;
  const logits = add(mul(matmul(images, texts, { transB: true }), exp(logitScale)), logitBias);
  const value = sub(sum(softplus(logits)), sum(mul(matches(imageIds, textIds), logits)));
  return withGradient(value, [images, texts, logitScale, logitBias], (dy) => blockGradient(block, dy));
}

/**
 * ∂/∂l = σ(l) − [match]. The logits are computed again, transposed, so that neither this graph nor the runtime's
 * common-subexpression elimination keeps the forward block alive: one block is in memory at a time.
 */
function blockGradient(block: Block, dy: Tensor): Tensor[] {
  const { images, texts, logitScale, logitBias, imageIds, textIds } = block;
  const temperature = exp(logitScale);
  const cosines = matmul(texts, images, { transB: true });
  const logits = add(mul(cosines, temperature), logitBias);
  const dLogits = mul(sub(sigmoid(logits), matches(textIds, imageIds)), dy);
  const dCosines = mul(dLogits, temperature);
  return [
    matmul(dCosines, texts, { transA: true }),
    matmul(dCosines, images),
    reshape(sum(mul(dCosines, cosines)), [1]),
    reshape(sum(dLogits), [1]),
  ];
}

/**
 * Sigmoid loss (SigLIP; SPEC B.1): −(1/N) Σᵢ Σⱼ log σ(zᵢⱼ(e^t′⟨xᵢ, yⱼ⟩ + b)), zᵢⱼ = 1 for matching pairs, else −1.
 * The normaliser is the number of images, not of pairs. Blocks of `rows` images bound the memory.
 * @returns the loss, a scalar
 * @throws RangeError when there are no ids and the batches differ in size
 */
export function sigmoidLoss(inputs: SigmoidLossInputs, options: SigmoidLossOptions = {}): Tensor {
  const { images, texts } = inputs;
  const count = staticDim(images.shape[0], 'the number of images');
  if (!options.ids && texts.shape[0] !== count) {
    throw new RangeError(`${count} images and ${texts.shape[0]} texts are no pairs: pass ids`);
  }
  const diagonal = constant(
    int32(
      [count],
      Int32Array.from({ length: count }, (_, i) => i),
    ),
  );
  const ids = options.ids ?? { images: diagonal, texts: diagonal };
  const rows = options.rows ?? count;
  let total: Tensor | undefined;
  for (let start = 0; start < count; start += rows) {
    const end = Math.min(start + rows, count);
    const imageIds = slice(ids.images, 0, start, end);
    const loss = blockLoss({ ...inputs, images: slice(images, 0, start, end), imageIds, textIds: ids.texts });
    total = total ? add(total, loss) : loss;
  }
  return mul(total!, scalar(1 / count));
}
