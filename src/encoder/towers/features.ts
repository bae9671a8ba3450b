import type { VisionConfig } from '../../model/config.ts';
import { type Arrays, type NdArray, ndarray } from '../../tensor/index.ts';
import { gridOf, type PatchGrid } from './patches.ts';

/** What the image tower says of one image before pooling, and after. */
export interface ImageFeatures extends PatchGrid {
  /** Patch features after the final norm, row by row of the grid, [rows·columns, d]. NaFlex padding is left out. */
  readonly tokens: NdArray<'float32'>;
  /** The attention-pooling head's output, not normalised, [d]. */
  readonly pooled: NdArray<'float32'>;
}

/**
 * Takes a batch of features apart into images, without the padding.
 * @param outputs `tokens` [batch, T, d] and `pooled` [batch, d]
 * @param feeds the batch that gave them
 */
export function splitFeatures(outputs: Arrays, feeds: Arrays, config: VisionConfig): ImageFeatures[] {
  const [tokens, pooled] = [outputs['tokens']!, outputs['pooled']!];
  const [batch, length, width] = tokens.shape as [number, number, number];
  const [tokenData, pooledData] = [tokens.data as Float32Array, pooled.data as Float32Array];
  return Array.from({ length: batch }, (_, i) => {
    const grid = gridOf(feeds, config, i);
    const count = grid.rows * grid.columns;
    const own = tokenData.slice(i * length * width, (i * length + count) * width);
    return {
      ...grid,
      tokens: ndarray('float32', [count, width], own),
      pooled: ndarray('float32', [width], pooledData.slice(i * width, (i + 1) * width)),
    };
  });
}
