import { constant, int32, reshape, type Tensor } from '../tensor/index.ts';
import { naflexPositionEmbedding } from './naflexPosition.ts';

/**
 * The learned square grid of positions resized to another grid: a constant matrix times the embedding.
 *
 * The paper does not say how a fixed-resolution tower sees small crops. This is the antialiased bilinear resize with
 * half-pixel centres of the NaFlex tower (big_vision `naflex_vit.py`), because a patch of a crop that was resized to s
 * pixels covers the area of several positions. DINO's is bicubic; big_vision's align-corners resize (§2.4.1) is for a
 * change of resolution, where it is applied once.
 * @param positions [side·side, d]
 * @returns [rows·columns, d], row-major
 */
export function resizedPositions(positions: Tensor, rows: number, columns: number): Tensor {
  const [count, width] = positions.shape;
  if (rows * rows === count && rows === columns) return positions;
  const tokens = rows * columns;
  const grid = constant(int32([1, 2], [rows, columns]));
  const mask = constant(int32([1, tokens], new Int32Array(tokens).fill(1)));
  return reshape(naflexPositionEmbedding(positions, grid, mask), [tokens, width!]);
}
