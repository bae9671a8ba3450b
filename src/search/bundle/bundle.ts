import type { Embeddings } from '../../encoder/embeddings.ts';
import type { BundleItem } from './bundleFiles.ts';

/** Pictures and their embeddings in three files beside a model, made once and only read: the emoji of the demonstration. */
export interface Bundle {
  readonly description: string;
  readonly items: readonly BundleItem[];
  /** Unit-length, [n, d], in the order of `items`. */
  readonly embeddings: Embeddings;
  /** Side of every picture in pixels. */
  readonly size: number;
  /** The WebP file of each item. */
  readonly pictures: readonly Uint8Array[];
}

/** A picture that a search found. */
export interface BundleHit extends BundleItem {
  /** Position in the bundle. */
  readonly index: number;
  /** Probability that picture and text match, 0 … 1. */
  readonly probability: number;
}
