import type { Tensor } from '../../tensor/index.ts';
import type { Objective, Trained } from './objective.ts';

/** One tower of an objective that is computed in chunks: the graph of one chunk. */
export interface ChunkedTower {
  /** Inputs of a chunk by name; their first axis counts the chunk's items. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Embeddings of a chunk, [chunk, d]. */
  readonly embeddings: Tensor;
  /** Items of the whole batch, at least a chunk. */
  readonly count: number;
}

/** The loss from all embeddings, in blocks of images that bound its memory: the blocks' losses add up to the loss. */
export interface BlockedLoss {
  /** Graph inputs that hold a block's image embeddings [rows, d] and all text embeddings [M, d]. */
  readonly images: Tensor;
  readonly texts: Tensor;
  /** Batch inputs for the images of a block: their first axis is [rows], in the batch [N]. */
  readonly imageInputs: Readonly<Record<string, Tensor>>;
  /** Batch inputs for all texts. */
  readonly textInputs: Readonly<Record<string, Tensor>>;
  /** A block's part of the loss. The number of images is a multiple of its rows. */
  readonly loss: Tensor;
  /** Scalars to report, from the parameters alone. */
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/**
 * A loss on the embeddings of a batch that is too large to be embedded and differentiated at once (GradCache, Gao et
 * al. 2021): all embeddings first, then the loss and its gradients by embeddings, then each chunk's backward pass.
 * Carried values may be read by both parts; their next values are computed from parameters and carried values only.
 */
export interface ChunkedObjective extends Trained {
  readonly images: ChunkedTower;
  readonly texts: ChunkedTower;
  readonly loss: BlockedLoss;
}

/** Both towers, images first. */
export const towersOf = ({ images, texts }: ChunkedObjective): readonly ChunkedTower[] => [images, texts];

/** A loss to train, computed at once or, for batches that are too large for that, in chunks. */
export type AnyObjective = Objective | ChunkedObjective;

/** Whether an objective is computed in chunks. */
export const isChunked = (objective: AnyObjective): objective is ChunkedObjective => 'texts' in objective;
