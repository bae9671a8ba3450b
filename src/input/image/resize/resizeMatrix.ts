/**
 * Matrices [nOut, nIn], row-major, that resize one axis: `out = matrix · in`. A grid is resized by one matrix per
 * axis (all three kernels are separable).
 */

/**
 * Antialiased bilinear resize with half-pixel centres: NaFlex's position embeddings and float images. The triangle
 * widens when shrinking; weights are normalised over the taps inside the input, taps outside are dropped (not
 * clamped). Source: `jax.image.scale_and_translate` (linear, antialias), scale nOut / nIn, translation 0.
 * @throws RangeError when a size is not a positive integer.
 */
export function antialiasedResizeMatrix(nIn: number, nOut: number): Float64Array {
  checkSizes(nIn, nOut);
  const matrix = new Float64Array(nOut * nIn);
  const scale = nOut / nIn;
  const width = Math.max(1 / scale, 1);
  for (let o = 0; o < nOut; o++) {
    const centre = (o + 0.5) / scale - 0.5;
    const row = matrix.subarray(o * nIn, (o + 1) * nIn);
    let sum = 0;
    for (let i = 0; i < nIn; i++) {
      row[i] = Math.max(0, 1 - Math.abs(centre - i) / width);
      sum += row[i]!;
    }
    for (let i = 0; i < nIn; i++) row[i]! /= sum;
  }
  return matrix;
}

/**
 * Bilinear resize whose corner samples coincide: how big_vision resamples position embeddings of fixed-resolution
 * models (`resample_posemb`, `scipy.ndimage.zoom` of order 1). A single output sample reads the first input.
 * @throws RangeError when a size is not a positive integer.
 */
export function alignCornersMatrix(nIn: number, nOut: number): Float64Array {
  checkSizes(nIn, nOut);
  const step = nOut > 1 ? (nIn - 1) / (nOut - 1) : 0;
  return interpolationMatrix(nIn, nOut, (o) => o * step);
}

/**
 * Bilinear resize with half-pixel centres and no antialiasing, edges clamped (`tf.image.resize`): the kernel under
 * FlexiViT's patch-embedding resize.
 * @throws RangeError when a size is not a positive integer.
 */
export function bilinearResizeMatrix(nIn: number, nOut: number): Float64Array {
  checkSizes(nIn, nOut);
  return interpolationMatrix(nIn, nOut, (o) => ((o + 0.5) * nIn) / nOut - 0.5);
}

function interpolationMatrix(nIn: number, nOut: number, sourceOf: (o: number) => number): Float64Array {
  const matrix = new Float64Array(nOut * nIn);
  for (let o = 0; o < nOut; o++) {
    const source = Math.min(Math.max(sourceOf(o), 0), nIn - 1);
    const lower = Math.floor(source);
    const fraction = source - lower;
    matrix[o * nIn + lower] = 1 - fraction;
    if (fraction > 0) matrix[o * nIn + lower + 1] = fraction;
  }
  return matrix;
}

function checkSizes(nIn: number, nOut: number): void {
  if (!(Number.isInteger(nIn) && Number.isInteger(nOut) && nIn > 0 && nOut > 0)) {
    throw new RangeError(`A resize matrix needs positive integer sizes, got ${nIn} → ${nOut}.`);
  }
}
