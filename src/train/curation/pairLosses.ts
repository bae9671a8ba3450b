import type { LogitScalars } from '../../encoder/classify.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import {
  add,
  compile,
  exp,
  float32,
  input,
  matmul,
  mul,
  type NdArray,
  neg,
  type Session,
  type SessionOptions,
  softplus,
  sum,
  type Tensor,
} from '../../tensor/index.ts';
import { sliceRows, takeRows } from '../../tensor/rows.ts';

/** What one model makes of a super-batch: pair i is image i with text i. */
export interface PairEmbeddings {
  /** Unit-length, [B, d]. */
  readonly images: Embeddings;
  /** Unit-length, [B, d]. */
  readonly texts: Embeddings;
  readonly scalars: LogitScalars;
}

/**
 * Parts of the pairwise sigmoid loss ℓ[i, j] = softplus(−zᵢⱼ(e^t·⟨xᵢ, yⱼ⟩ + b)) (JEST; §2.5). The whole matrix, 17
 * billion numbers for a super-batch of 128k, never exists: only blocks of rows against a chunk of columns do.
 */
export interface PairLosses {
  /** ℓ[i, i] of every pair, [B]. */
  matching(pairs: PairEmbeddings): Promise<Float64Array>;
  /**
   * Σ ℓ[i, k] + ℓ[k, i] over the pairs k of `others`, all taken as mismatched, [B]: what is found at the others
   * themselves means nothing.
   */
  against(pairs: PairEmbeddings, others: Int32Array): Promise<Float64Array>;
  dispose(): Promise<void>;
}

const scalars = () => ({
  temperature: exp(input('logit_scale', 'float32', [1])),
  bias: input('logit_bias', 'float32', [1]),
});

/** rows [R, d], columns [R, d] → softplus(−l) of row i with column i, [R]. */
function matchingGraph(): Tensor {
  const { temperature, bias } = scalars();
  const rows = input('rows', 'float32', ['rows', 'width']);
  const columns = input('columns', 'float32', ['rows', 'width']);
  return softplus(neg(add(mul(sum(mul(rows, columns), [-1]), temperature), bias)));
}

/** rows [R, d], columns [K, d] → Σⱼ softplus(l) of row i with every column, [R]. */
function againstGraph(): Tensor {
  const { temperature, bias } = scalars();
  const rows = input('rows', 'float32', ['rows', 'width']);
  const columns = input('columns', 'float32', ['columns', 'width']);
  return sum(softplus(add(mul(matmul(rows, columns, { transB: true }), temperature), bias)), [-1]);
}

const scalarFeeds = ({ logTemperature, bias }: LogitScalars) => ({
  logit_scale: float32([1], [logTemperature]),
  logit_bias: float32([1], [bias]),
});

/** Calls `work` for consecutive blocks of at most `size` rows and puts the results in order. */
async function inBlocks(
  count: number,
  size: number,
  work: (start: number, end: number) => Promise<ArrayLike<number>>,
): Promise<Float64Array> {
  const values = new Float64Array(count);
  for (let start = 0; start < count; start += size)
    values.set(await work(start, Math.min(start + size, count)), start);
  return values;
}

function checkPairs({ images, texts }: PairEmbeddings): number {
  if (images.shape.join() !== texts.shape.join()) {
    throw new RangeError(
      `image embeddings [${images.shape.join(', ')}] and text embeddings [${texts.shape.join(', ')}] are no pairs`,
    );
  }
  return images.shape[0]!;
}

/**
 * Compiles the two small graphs; they serve embeddings of any number and width.
 * @param blockRows rows in memory at once: a block is blockRows × (number of others)
 */
export async function createPairLosses(blockRows: number, options: SessionOptions = {}): Promise<PairLosses> {
  const [matching, against] = await Promise.all([
    compile({ outputs: { loss: matchingGraph() } }, options),
    compile({ outputs: { loss: againstGraph() } }, options),
  ]);
  const losses = async (session: Session, rows: NdArray, columns: NdArray, pairs: PairEmbeddings) => {
    const { loss } = await session.run({ rows, columns, ...scalarFeeds(pairs.scalars) });
    return (loss as NdArray<'float32'>).data;
  };
  return {
    async matching(pairs) {
      const { images, texts } = pairs;
      return inBlocks(checkPairs(pairs), blockRows, (start, end) =>
        losses(matching, sliceRows(images, start, end), sliceRows(texts, start, end), pairs),
      );
    },
    async against(pairs, others) {
      const [images, texts] = [takeRows(pairs.images, others), takeRows(pairs.texts, others)];
      return inBlocks(checkPairs(pairs), blockRows, async (start, end) => {
        const byImage = await losses(against, sliceRows(pairs.images, start, end), texts, pairs);
        const byText = await losses(against, sliceRows(pairs.texts, start, end), images, pairs);
        return Float64Array.from(byImage, (value, i) => value + byText[i]!);
      });
    },
    dispose: async () => {
      await Promise.all([matching.dispose(), against.dispose()]);
    },
  };
}
