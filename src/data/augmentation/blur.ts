import type { FloatImage } from '../../input/image/rgbImage.ts';

/** Weights of a Gaussian at whole distances from its centre, summing to 1. */
function gaussianKernel(sigma: number, size: number): Float64Array {
  const half = (size - 1) / 2;
  const kernel = Float64Array.from({ length: size }, (_, i) => Math.exp(-0.5 * ((i - half) / sigma) ** 2));
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  return kernel.map((weight) => weight / sum);
}

/** Position in a row of `length` that is mirrored at its ends, which are not repeated. */
function reflect(position: number, length: number): number {
  const inside = Math.abs(position);
  return inside < length ? inside : 2 * (length - 1) - inside;
}

/** Filters along one axis: `length` positions `stride` apart, for every start. */
function filterAxis(
  source: Float32Array,
  length: number,
  stride: number,
  starts: readonly number[],
  kernel: Float64Array,
): Float32Array {
  const taps = kernel.length;
  const from = new Int32Array(length * taps);
  for (let i = 0; i < length; i++) {
    for (let k = 0; k < taps; k++) from[i * taps + k] = reflect(i + k - (taps >> 1), length) * stride;
  }
  const result = new Float32Array(source.length);
  for (const start of starts) {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += kernel[k]! * source[start + from[i * taps + k]!]!;
      result[start + i * stride] = sum;
    }
  }
  return result;
}

/** Odd, and wide enough for three deviations each way. */
const kernelSize = (sigma: number): number => 2 * Math.ceil(3 * sigma) + 1;

/**
 * Gaussian blur with mirrored edges (torchvision's `gaussian_blur`). Values keep their range.
 * @param sigma standard deviation in pixels, above 0
 * @param size odd width of the filter; default: three deviations each way, as far as the picture is large enough
 * @throws RangeError when `size` is not odd or reaches past the mirror image of a side.
 */
export function gaussianBlur(image: FloatImage, sigma: number, size?: number): FloatImage {
  const { width, height, data } = image;
  const largest = 2 * Math.min(width, height) - 1;
  const taps = size ?? Math.min(kernelSize(sigma), largest);
  if (!(sigma > 0)) throw new RangeError(`sigma is ${sigma}; it must be above 0`);
  if (taps % 2 !== 1 || taps > largest) {
    throw new RangeError(
      `size is ${taps}; it must be odd and at most ${largest} for ${width}×${height} pixels`,
    );
  }
  const kernel = gaussianKernel(sigma, taps);
  const rowStarts = Array.from({ length: height * 3 }, (_, i) => Math.floor(i / 3) * width * 3 + (i % 3));
  const columnStarts = Array.from({ length: width * 3 }, (_, i) => i);
  const rows = filterAxis(data, width, 3, rowStarts, kernel);
  return { width, height, data: filterAxis(rows, height, width * 3, columnStarts, kernel) };
}
