import {
  abs,
  add,
  cast,
  constant,
  div,
  float32,
  floor,
  iota,
  matmul,
  maximum,
  mul,
  reshape,
  scalar,
  slice,
  staticDim,
  sub,
  sum,
  type Tensor,
} from '../tensor/index.ts';

/**
 * Weights of an antialiased bilinear resize from `size` grid cells, one row per target coordinate:
 * centre c = (o + ½)/s − ½ with s = target/size, weight max(0, 1 − |c − i|/max(1/s, 1)), normalised over
 * the grid (jax.image.scale_and_translate; big_vision `naflex_vit.py`).
 * @param coordinates [B, N] float32 target indices; @param targets [B, 1] float32 target sizes
 * @returns [B, N, size]
 */
function axisWeights(coordinates: Tensor, targets: Tensor, size: number): Tensor {
  const [batch, length] = coordinates.shape;
  const inverseScale = div(scalar(size), targets);
  const centre = sub(mul(add(coordinates, scalar(0.5)), inverseScale), scalar(0.5));
  const cells = constant(
    float32(
      [size],
      Float32Array.from({ length: size }, (_, i) => i),
    ),
  );
  const distance = abs(sub(reshape(centre, [batch!, length!, 1]), cells));
  const width = reshape(maximum(inverseScale, scalar(1)), [batch!, 1, 1]);
  const weights = maximum(sub(scalar(1), div(distance, width)), scalar(0));
  return div(weights, sum(weights, [-1], true));
}

/**
 * The position embedding of every patch of every image: the learned square grid resized to each image's
 * rows × columns, read in row-major order. Padding gets the embedding of position (0, 0), as in the reference.
 * @param grid [side·side, d]
 * @param spatialShapes [B, 2] int32, rows and columns
 * @param mask [B, N] int32, 1 for patches
 * @returns [B, N, d]
 */
export function naflexPositionEmbedding(grid: Tensor, spatialShapes: Tensor, mask: Tensor): Tensor {
  const side = Math.sqrt(staticDim(grid.shape[0]));
  const [batch, length] = mask.shape;
  const sizes = cast(spatialShapes, 'float32');
  const rows = slice(sizes, 1, 0, 1);
  const columns = slice(sizes, 1, 1, 2);
  const index = mul(cast(iota(mask, 1), 'float32'), cast(mask, 'float32'));
  // Half a step inside the cell: float division cannot land on the wrong side of an integer.
  const y = floor(div(add(index, scalar(0.5)), columns));
  const x = sub(index, mul(y, columns));
  const vertical = reshape(axisWeights(y, rows, side), [batch!, length!, side, 1]);
  const horizontal = reshape(axisWeights(x, columns, side), [batch!, length!, 1, side]);
  return matmul(reshape(mul(vertical, horizontal), [batch!, length!, side * side]), grid);
}
