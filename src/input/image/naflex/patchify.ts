import { type NdArray, ndarray } from '../../../tensor/ndarray.ts';
import { checkImage, type FloatImage } from '../rgbImage.ts';

/**
 * Cuts an image into square patches: float32 [patches, patchSize² × 3], patches in row-major order of the grid,
 * inside a patch row, column, channel (channel fastest).
 * @throws RangeError when a side is not a multiple of `patchSize`.
 */
export function patchify(image: FloatImage, patchSize: number): NdArray<'float32'> {
  const data = new Float32Array(image.data.length);
  cutInto(data, image, patchSize);
  const length = patchSize * patchSize * 3;
  return ndarray('float32', [data.length / length, length], data);
}

function cutInto(target: Float32Array, image: FloatImage, patchSize: number): void {
  checkImage(image);
  const { width, height, data } = image;
  if (width % patchSize !== 0 || height % patchSize !== 0) {
    throw new RangeError(
      `A ${width}×${height} image can't be cut into patches of ${patchSize}: resize it first.`,
    );
  }
  const columns = width / patchSize;
  const run = patchSize * 3;
  const patchLength = patchSize * run;
  for (let y = 0; y < height; y++) {
    const firstPatch = Math.floor(y / patchSize) * columns;
    const inner = (y % patchSize) * run;
    for (let column = 0; column < columns; column++) {
      const from = y * width * 3 + column * run;
      target.set(data.subarray(from, from + run), (firstPatch + column) * patchLength + inner);
    }
  }
}
