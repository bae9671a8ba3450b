import { PRECISION_BITS, type Resampler, type ResamplingTable } from './resamplingTable.ts';

/** A copy: bundlers and test runners turn an imported constant into a getter, which inner loops would feel. */
const SHIFT = PRECISION_BITS;
const HALF = 1 << (SHIFT - 1);

function resizeRows(
  source: Uint8Array,
  inputWidth: number,
  rows: number,
  outputWidth: number,
  table: ResamplingTable,
): Uint8Array {
  // Clamped storage does Pillow's clip: the shifted sums are integers.
  const result = new Uint8ClampedArray(rows * outputWidth * 3);
  const { stride, starts, counts, weights } = table;
  for (let row = 0; row < rows; row++) {
    const rowStart = row * inputWidth * 3;
    let out = row * outputWidth * 3;
    for (let x = 0; x < outputWidth; x++) {
      let at = rowStart + starts[x]! * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      const end = x * stride + counts[x]!;
      for (let k = x * stride; k < end; k++) {
        const weight = weights[k]!;
        red = (red + Math.imul(source[at]!, weight)) | 0;
        green = (green + Math.imul(source[at + 1]!, weight)) | 0;
        blue = (blue + Math.imul(source[at + 2]!, weight)) | 0;
        at += 3;
      }
      result[out] = red >> SHIFT;
      result[out + 1] = green >> SHIFT;
      result[out + 2] = blue >> SHIFT;
      out += 3;
    }
  }
  return new Uint8Array(result.buffer);
}

/** Rows that one pass over the sums adds: fewer passes, and the four products still fit the registers. */
const GROUP = 4;

function resizeColumns(
  source: Uint8Array,
  rowLength: number,
  outputHeight: number,
  table: ResamplingTable,
): Uint8Array {
  const result = new Uint8ClampedArray(outputHeight * rowLength);
  const { stride, starts, counts, weights } = table;
  const sums = new Int32Array(rowLength);
  for (let y = 0; y < outputHeight; y++) {
    // Whole rows at a time: the sums stay in the first-level cache and the source is read in order.
    sums.fill(HALF);
    const taps = weights.subarray(y * stride, y * stride + counts[y]!);
    let at = starts[y]! * rowLength;
    let done = 0;
    for (; done + GROUP < taps.length; done += GROUP, at += GROUP * rowLength) {
      addFourRows(sums, source, at, taps.subarray(done, done + GROUP));
    }
    for (; done + 1 < taps.length; done++, at += rowLength) addRow(sums, source, at, taps[done]!);
    storeWithRow(result, y * rowLength, sums, source, at, taps[done]!);
  }
  return new Uint8Array(result.buffer);
}

function addFourRows(sums: Int32Array, source: Uint8Array, at: number, weights: Int32Array): void {
  const length = sums.length;
  const [a, b, c, d] = [weights[0]!, weights[1]!, weights[2]!, weights[3]!];
  for (let i = 0; i < length; i++) {
    sums[i] =
      sums[i]! +
      Math.imul(source[at + i]!, a) +
      Math.imul(source[at + length + i]!, b) +
      Math.imul(source[at + 2 * length + i]!, c) +
      Math.imul(source[at + 3 * length + i]!, d);
  }
}

function addRow(sums: Int32Array, source: Uint8Array, at: number, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + Math.imul(source[at + i]!, weight);
}

/** Adds the last row and stores the result: one pass less. */
function storeWithRow(
  result: Uint8ClampedArray,
  out: number,
  sums: Int32Array,
  source: Uint8Array,
  at: number,
  weight: number,
): void {
  for (let i = 0; i < sums.length; i++) {
    result[out + i] = (sums[i]! + Math.imul(source[at + i]!, weight)) >> SHIFT;
  }
}

/** Both passes in plain TypeScript: for images that are too large for the kernel's memory, and where it is missing. */
export const scalarResampler: Resampler = { resizeRows, resizeColumns };
