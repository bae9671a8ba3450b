/** Pillow's fixed-point precision: 32 bits less 8 for the pixel and 2 for overshoot and sign. */
export const PRECISION_BITS = 32 - 8 - 2;

/** Pillow's antialiased filters: `bilinear` is SigLIP 2's, `bicubic` SigLIP 1's. */
/** Pillow's filters with antialiasing. */
export type PillowFilter = 'bilinear' | 'bicubic' | 'box' | 'hamming' | 'lanczos';
export const PILLOW_FILTERS: readonly PillowFilter[] = ['bilinear', 'bicubic', 'box', 'hamming', 'lanczos'];

/** For each output position, the run of input positions it reads and their fixed-point weights. */
export interface ResamplingTable {
  /** Weights per output position; position `o` uses the first `counts[o]` from `o * stride`. */
  readonly stride: number;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** Weights times 2^{@link PRECISION_BITS}. */
  readonly weights: Int32Array;
}

interface Filter {
  readonly support: number;
  readonly weight: (x: number) => number;
}

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));

/** Keys' cubic with a = −0.5, operations in Pillow's order. */
function cubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
  return 0;
}

const box = (x: number): number => (x > -0.5 && x <= 0.5 ? 1 : 0);

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

/** Pillow writes the two numbers of Hamming's window in single precision. */
function hamming(x: number): number {
  const t = Math.abs(x);
  if (t >= 1) return 0;
  return sinc(t) * (Math.fround(0.54) + Math.fround(0.46) * Math.cos(t * Math.PI));
}

const lanczos = (x: number): number => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0);

const FILTERS: Readonly<Record<PillowFilter, Filter>> = {
  bilinear: { support: 1, weight: triangle },
  bicubic: { support: 2, weight: cubic },
  box: { support: 0.5, weight: box },
  hamming: { support: 1, weight: hamming },
  lanczos: { support: 3, weight: lanczos },
};

/** Rounds half away from zero, as Pillow does when it makes weights fixed-point. */
const toFixedPoint = (weight: number): number =>
  Math.trunc(weight * (1 << PRECISION_BITS) + (weight < 0 ? -0.5 : 0.5));

/**
 * Weights that resample a side of `inputSize` to `outputSize` (Pillow, `Resample.c`: `precompute_coeffs` and
 * `normalize_coeffs_8bpc`). The filter widens with the scale when shrinking: this is the antialiasing.
 */
export function resamplingTable(
  inputSize: number,
  outputSize: number,
  filter: PillowFilter,
): ResamplingTable {
  const { support: unitSupport, weight } = FILTERS[filter];
  const scale = inputSize / outputSize;
  const filterScale = Math.max(scale, 1);
  const support = unitSupport * filterScale;
  const stride = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(outputSize);
  const counts = new Int32Array(outputSize);
  const weights = new Int32Array(outputSize * stride);
  const raw = new Float64Array(stride);
  const inverse = 1 / filterScale;
  for (let o = 0; o < outputSize; o++) {
    const centre = (o + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(inputSize, Math.trunc(centre + support + 0.5)) - start;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      raw[i] = weight((i + start - centre + 0.5) * inverse);
      sum += raw[i]!;
    }
    for (let i = 0; i < count; i++)
      weights[o * stride + i] = toFixedPoint(sum === 0 ? raw[i]! : raw[i]! / sum);
    starts[o] = start;
    counts[o] = count;
  }
  return { stride, starts, counts, weights };
}

/** The two passes of a resize over interleaved 8-bit RGB. */
export interface Resampler {
  /** `rows` rows of `inputWidth` pixels to rows of `outputWidth` pixels. */
  resizeRows(
    source: Uint8Array,
    inputWidth: number,
    rows: number,
    outputWidth: number,
    table: ResamplingTable,
  ): Uint8Array;
  /** Rows of `rowLength` bytes to `outputHeight` such rows. */
  resizeColumns(
    source: Uint8Array,
    rowLength: number,
    outputHeight: number,
    table: ResamplingTable,
  ): Uint8Array;
}
