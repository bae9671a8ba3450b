import { checkImage, checkSize, type RgbImage } from '../rgbImage.ts';

/** Which input position each output position shows. Pillow adds the step up, which rounds otherwise than a product. */
function nearestPositions(inputSize: number, outputSize: number): Int32Array {
  const step = inputSize / outputSize;
  const positions = new Int32Array(outputSize);
  let at = step * 0.5;
  for (let o = 0; o < outputSize; o++) {
    positions[o] = Math.min(inputSize - 1, Math.trunc(at));
    at += step;
  }
  return positions;
}

/**
 * Resizes to exactly `width` × `height` by repeating or leaving out pixels, as Pillow's `NEAREST` does.
 * Source: Pillow 13.0 `src/libImaging/Geometry.c`, `ImagingScaleAffine`.
 * @throws RangeError on a side that is not a positive integer.
 */
export function resizeNearest(image: RgbImage, width: number, height: number): RgbImage {
  checkImage(image);
  checkSize(width, height);
  const columns = nearestPositions(image.width, width);
  const rows = nearestPositions(image.height, height);
  const data = new Uint8Array(width * height * 3);
  let to = 0;
  for (const row of rows) {
    const line = row * image.width * 3;
    for (const column of columns) {
      const from = line + column * 3;
      data[to++] = image.data[from]!;
      data[to++] = image.data[from + 1]!;
      data[to++] = image.data[from + 2]!;
    }
  }
  return { width, height, data };
}
