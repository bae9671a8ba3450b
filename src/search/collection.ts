import type { Embeddings } from '../encoder/embeddings.ts';
import type { CollectionItem } from './collectionFiles.ts';

/** Pictures with their embeddings, ready to be searched. */
export interface Collection {
  readonly description: string;
  readonly items: readonly CollectionItem[];
  /** Unit-length, [n, d], in the order of `items`. */
  readonly embeddings: Embeddings;
  /** Side of every picture in pixels. */
  readonly size: number;
  /** The WebP file of each item. */
  readonly pictures: readonly Uint8Array[];
}

/** A picture that a search found. */
export interface CollectionHit extends CollectionItem {
  /** Position in the collection. */
  readonly index: number;
  /** Probability that picture and text match, 0 … 1. */
  readonly probability: number;
}
