import type { VisionConfig } from '../../model/config.ts';
import { type Arrays, type NdArray, ndarray } from '../../tensor/index.ts';
import type { Embeddings } from '../embeddings.ts';

/** The grid that an image is cut into. */
export interface PatchGrid {
  readonly rows: number;
  readonly columns: number;
  /** A patch's height and width in shares of the image's. A fixed model may leave a rest at the edges unread. */
  readonly patchHeight: number;
  readonly patchWidth: number;
}

/**
 * An image's patches in the space of the embeddings. A model is trained on whole images only, so single patches are less
 * reliable than images: compare them with each other, and don't read their probabilities as calibrated.
 */
export interface PatchEmbeddings extends PatchGrid {
  /** Unit length, [rows·columns, d], row by row. */
  readonly embeddings: Embeddings;
}

/**
 * Takes a batch of patch features apart into images, without the padding.
 * @param features [batch, T, d]
 * @param feeds the batch that gave them
 */
export function splitPatches(features: NdArray, feeds: Arrays, config: VisionConfig): PatchEmbeddings[] {
  const [batch, length, width] = features.shape as [number, number, number];
  const data = features.data as Float32Array;
  return Array.from({ length: batch }, (_, i) => {
    const grid = gridOf(feeds, config, i);
    const count = grid.rows * grid.columns;
    const own = data.slice(i * length * width, (i * length + count) * width);
    return { ...grid, embeddings: ndarray('float32', [count, width], own) };
  });
}

/** The grid of one image of a batch. */
export function gridOf(feeds: Arrays, config: VisionConfig, index: number): PatchGrid {
  if (config.kind === 'naflex') {
    const [rows, columns] = feeds['spatial_shapes']!.data.subarray(2 * index, 2 * index + 2) as Int32Array;
    return { rows: rows!, columns: columns!, patchHeight: 1 / rows!, patchWidth: 1 / columns! };
  }
  const side = Math.floor(config.imageSize / config.patchSize);
  const share = config.patchSize / config.imageSize;
  return { rows: side, columns: side, patchHeight: share, patchWidth: share };
}
