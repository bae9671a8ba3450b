import { type ModelConfig, modelConfigSchema } from '../../../model/config.ts';
import { twoTowers } from '../../../model/twoTowers.ts';
import { input, mul, scalar, staticDim, type Tensor } from '../../../tensor/index.ts';
import { check, count, optional, settings } from '../../../tensor/settings.ts';
import type { ChunkedObjective } from '../chunkedObjective.ts';
import { type ContrastiveBatch, contrastiveBatchSchema } from './contrastive.ts';
import { logitMetrics } from './logitMetrics.ts';
import { sigmoidLoss } from './sigmoidLoss.ts';

/** How many items are embedded, and differentiated, at once. */
export interface ChunkSizes {
  readonly images: number;
  readonly texts: number;
  /**
   * Largest number of logits that are computed at once. Default 2²¹: 8 MiB, of which the loss holds a handful, so that
   * it stays near the processor.
   */
  readonly logits?: number;
}

const chunkSchema = settings<ChunkSizes>({ images: count, texts: count, logits: optional(count) });

const LOGITS = 2 ** 21;

/** The largest divisor of a whole number that is not above a limit; at least 1. */
function largestDivisor(n: number, limit: number): number {
  for (let divisor = Math.min(n, Math.floor(limit)); divisor > 1; divisor--)
    if (n % divisor === 0) return divisor;
  return 1;
}

/**
 * {@link contrastiveObjective}, with the same batch inputs, for batches whose activations don't fit in memory: a step's
 * memory depends on the chunks, not on the batch (but for the embeddings and the batch itself). It costs one forward
 * pass more.
 * @throws RangeError when a chunk is larger than its batch
 * @example
 * const objective = chunkedContrastiveObjective(variantConfig('B/16'), { images: 64, texts: 64 }, { images: 8, texts: 8 });
 */
export function chunkedContrastiveObjective(
  config: ModelConfig,
  batch: ContrastiveBatch,
  chunk: ChunkSizes,
): ChunkedObjective {
  check('config', modelConfigSchema, config);
  check('batch', contrastiveBatchSchema, batch);
  check('chunk', chunkSchema, chunk);
  for (const kind of ['images', 'texts'] as const) {
    if (chunk[kind] > batch[kind]) {
      throw new RangeError(`a chunk of ${chunk[kind]} ${kind}: use 1 to ${batch[kind]}, the whole batch`);
    }
  }
  const model = twoTowers(config, { ...batch, images: chunk.images, texts: chunk.texts });
  const { input_ids, ...visionInputs } = model.inputs;
  const rows = largestDivisor(batch.images, (chunk.logits ?? LOGITS) / batch.texts);
  const width = (embeddings: Tensor) => staticDim(embeddings.shape[1]);
  const images = input('image_embeddings', 'float32', [rows, width(model.imageEmbeddings)]);
  const texts = input('text_embeddings', 'float32', [batch.texts, width(model.textEmbeddings)]);
  const ids = {
    images: input('image_ids', 'int32', [rows]),
    texts: input('text_ids', 'int32', [batch.texts]),
  };
  const { parameters, logitScale, logitBias } = model;
  // The loss divides by the number of its images.
  const loss = mul(
    sigmoidLoss({ images, texts, logitScale, logitBias }, { ids }),
    scalar(rows / batch.images),
  );
  return {
    parameters,
    images: { inputs: visionInputs, embeddings: model.imageEmbeddings, count: batch.images },
    texts: { inputs: { input_ids }, embeddings: model.textEmbeddings, count: batch.texts },
    loss: {
      images,
      texts,
      imageInputs: { image_ids: ids.images },
      textInputs: { text_ids: ids.texts },
      loss,
      metrics: logitMetrics({ logitScale, logitBias }),
    },
  };
}
