import type { Box } from '../../input/image/box.ts';
import type { ImageSource } from '../../input/image/imageSource.ts';

/** A query found in an image. */
export interface Detection {
  /** In shares of the image's height and width, 0 … 1. */
  readonly box: Box;
  readonly query: string;
  /** How sure the detector is, 0 … 1. */
  readonly score: number;
}

/**
 * Finds things that are named in free text. SigLIP 2's authors used one of OWLv2's kind (which one is not known); wrap
 * any model in this interface. One box may come with several queries.
 */
export interface Detector {
  detect(image: ImageSource, queries: readonly string[]): Promise<Detection[]>;
}
