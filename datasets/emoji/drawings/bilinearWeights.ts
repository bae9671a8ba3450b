/** For each output position, the run of input positions that it reads and their weights. */
export interface BilinearWeights {
  /** Weights per output position; position `o` uses the first `counts[o]` from `o * stride`. */
  readonly stride: number;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Float32Array;
}

/** Pillow rounds weights to multiples of 2^−22. They are positive here. */
const PRECISION = 2 ** 22;
const rounded = (weight: number): number => Math.trunc(weight * PRECISION + 0.5) / PRECISION;

/**
 * Weights that resample a side of `inputSize` to `outputSize` with a triangle that widens as the image shrinks, which is
 * the antialiasing (Pillow, `Resample.c`: `precompute_coeffs`).
 */
export function bilinearWeights(inputSize: number, outputSize: number): BilinearWeights {
  const scale = inputSize / outputSize;
  const support = Math.max(scale, 1);
  const inverse = 1 / support;
  const stride = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(outputSize);
  const counts = new Int32Array(outputSize);
  const weights = new Float32Array(outputSize * stride);
  for (let o = 0; o < outputSize; o++) {
    const centre = (o + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(inputSize, Math.trunc(centre + support + 0.5)) - start;
    const raw = Array.from({ length: count }, (_, i) =>
      Math.max(0, 1 - Math.abs((i + start - centre + 0.5) * inverse)),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    raw.forEach((weight, i) => {
      weights[o * stride + i] = rounded(weight / sum);
    });
    starts[o] = start;
    counts[o] = count;
  }
  return { stride, starts, counts, weights };
}
