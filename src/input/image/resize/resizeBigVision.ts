import { checkImage, checkSize, type FloatImage, type RgbImage } from '../rgbImage.ts';
import { antialiasedResizeMatrix } from './resizeMatrix.ts';

const { fround } = Math;

/** One axis of TensorFlow's bilinear kernel: two input positions per output position and the share of the upper. */
interface Taps {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly share: Float32Array;
}

/** `compute_interpolation_weights` with `HalfPixelScaler`, in float32 as the kernel computes it. */
function bilinearTaps(inputSize: number, outputSize: number): Taps {
  const lower = new Int32Array(outputSize);
  const upper = new Int32Array(outputSize);
  const share = new Float32Array(outputSize);
  const scale = fround(inputSize / outputSize);
  for (let o = 0; o < outputSize; o++) {
    const source = fround(fround(fround(o + 0.5) * scale) - 0.5);
    const floor = Math.floor(source);
    lower[o] = Math.max(floor, 0);
    upper[o] = Math.min(Math.ceil(source), inputSize - 1);
    share[o] = source - floor;
  }
  return { lower, upper, share };
}

/**
 * Resizes as big_vision's fixed-resolution pipelines do (`pp/ops_image.py`: `tf.image.resize`, bilinear, half-pixel
 * centres, **no** antialiasing, in float32) and truncates back to 8 bits.
 * @throws RangeError on a side that is not a positive integer.
 */
export function resizeBigVision(image: RgbImage, height: number, width: number): RgbImage {
  checkImage(image);
  checkSize(width, height);
  const columns = bilinearTaps(image.width, width);
  const rows = bilinearTaps(image.height, height);
  const source = image.data;
  const data = new Uint8Array(width * height * 3);
  let out = 0;
  for (let y = 0; y < height; y++) {
    const top = rows.lower[y]! * image.width * 3;
    const bottom = rows.upper[y]! * image.width * 3;
    const down = rows.share[y]!;
    for (let x = 0; x < width; x++) {
      const left = columns.lower[x]! * 3;
      const right = columns.upper[x]! * 3;
      const across = columns.share[x]!;
      for (let c = 0; c < 3; c++) {
        const above = lerp(source[top + left + c]!, source[top + right + c]!, across);
        const below = lerp(source[bottom + left + c]!, source[bottom + right + c]!, across);
        // Uint8Array storage truncates; interpolation can't leave [0, 255].
        data[out++] = lerp(above, below, down);
      }
    }
  }
  return { width, height, data };
}

const lerp = (a: number, b: number, share: number): number => fround(a + fround(fround(b - a) * share));

/**
 * Resizes floats as big_vision's NaFlex pipeline does (`ops_naflex.py`: `tf.image.resize`, bilinear, antialiased).
 * Differs from TensorFlow only by rounding: sums are in double precision here.
 * @throws RangeError on a side that is not a positive integer.
 */
export function resizeBigVisionFloat(image: FloatImage, height: number, width: number): FloatImage {
  checkImage(image);
  checkSize(width, height);
  const wide = resizeRows(image, width);
  return { width, height, data: resizeColumns(wide, width * 3, image.height, height) };
}

function resizeRows(image: FloatImage, width: number): Float32Array {
  const source = image.data;
  const runs = sparseRows(antialiasedResizeMatrix(image.width, width), image.width);
  const result = new Float32Array(image.height * width * 3);
  let out = 0;
  for (let row = 0; row < image.height; row++) {
    for (const { start, weights } of runs) {
      let at = (row * image.width + start) * 3;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let i = 0; i < weights.length; i++, at += 3) {
        const weight = weights[i]!;
        red += weight * source[at]!;
        green += weight * source[at + 1]!;
        blue += weight * source[at + 2]!;
      }
      result[out] = red;
      result[out + 1] = green;
      result[out + 2] = blue;
      out += 3;
    }
  }
  return result;
}

function resizeColumns(
  source: Float32Array,
  rowLength: number,
  inputHeight: number,
  height: number,
): Float32Array {
  const runs = sparseRows(antialiasedResizeMatrix(inputHeight, height), inputHeight);
  const result = new Float32Array(height * rowLength);
  const sums = new Float64Array(rowLength);
  runs.forEach(({ start, weights }, row) => {
    sums.fill(0);
    weights.forEach((weight, i) => {
      const at = (start + i) * rowLength;
      for (let k = 0; k < rowLength; k++) sums[k] = sums[k]! + weight * source[at + k]!;
    });
    result.set(sums, row * rowLength);
  });
  return result;
}

/** The non-zero run of one matrix row. */
interface SparseRow {
  readonly start: number;
  readonly weights: Float64Array;
}

function sparseRows(matrix: Float64Array, columns: number): SparseRow[] {
  return Array.from({ length: matrix.length / columns }, (_, o) => {
    const row = matrix.subarray(o * columns, (o + 1) * columns);
    const start = row.findIndex((weight) => weight !== 0);
    return { start, weights: row.subarray(start, row.findLastIndex((weight) => weight !== 0) + 1) };
  });
}
