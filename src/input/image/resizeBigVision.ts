import { antialiasedResizeMatrix } from './resizeMatrix.ts';
import { checkImage, checkSize, type FloatImage, type RgbImage } from './rgbImage.ts';

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
  const wide = resizeAxis(image.data, image.height, image.width, width, 3);
  return { width, height, data: resizeAxis(wide, 1, image.height, height, width * 3) };
}

/** Resizes the middle axis of [outer, nIn, inner] to nOut. */
function resizeAxis(
  source: Float32Array,
  outer: number,
  nIn: number,
  nOut: number,
  inner: number,
): Float32Array {
  if (nIn === nOut) return source.slice();
  const matrix = antialiasedResizeMatrix(nIn, nOut);
  const result = new Float32Array(outer * nOut * inner);
  const sums = new Float64Array(inner);
  for (let o = 0; o < nOut; o++) {
    const row = matrix.subarray(o * nIn, (o + 1) * nIn);
    const first = row.findIndex((weight) => weight !== 0);
    const last = row.findLastIndex((weight) => weight !== 0);
    for (let block = 0; block < outer; block++) {
      sums.fill(0);
      for (let i = first; i <= last; i++) {
        const from = (block * nIn + i) * inner;
        for (let k = 0; k < inner; k++) sums[k]! += row[i]! * source[from + k]!;
      }
      result.set(sums, (block * nOut + o) * inner);
    }
  }
  return result;
}
