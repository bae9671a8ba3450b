import type { Channels } from './preprocessing.ts';

/** The three 256-entry tables (red, green, blue) that map an 8-bit value to what the model takes. */
export type NormalisationTables = readonly [Float32Array, Float32Array, Float32Array];

/**
 * Tables for `(value × rescale − mean) / std`. They hold exactly the float32 values of the Hugging Face processors
 * (Pillow and NumPy variant): the product in double precision, then float32 for subtraction and division.
 * @throws RangeError when a number is not finite or a deviation is 0.
 */
export function normalisationTables(rescale: number, mean: Channels, std: Channels): NormalisationTables {
  if (![rescale, ...mean, ...std].every(Number.isFinite) || std.includes(0)) {
    throw new RangeError(
      `rescale, mean and std must be finite and std not 0, got rescale ${rescale}, mean [${mean}], std [${std}].`,
    );
  }
  const table = (channel: 0 | 1 | 2): Float32Array => {
    const channelMean = Math.fround(mean[channel]);
    const channelStd = Math.fround(std[channel]);
    return Float32Array.from(
      { length: 256 },
      (_, value) => Math.fround(Math.fround(value * rescale) - channelMean) / channelStd,
    );
  };
  return [table(0), table(1), table(2)];
}

/** Writes interleaved 8-bit RGB as three planes (channel, row, column) into `target` from `offset`. */
export function normaliseToPlanes(
  pixels: Uint8Array,
  [red, green, blue]: NormalisationTables,
  target: Float32Array,
  offset: number,
): void {
  const plane = pixels.length / 3;
  for (let i = 0, at = 0; i < plane; i++, at += 3) {
    target[offset + i] = red[pixels[at]!]!;
    target[offset + plane + i] = green[pixels[at + 1]!]!;
    target[offset + 2 * plane + i] = blue[pixels[at + 2]!]!;
  }
}

/** Interleaved 8-bit RGB to interleaved floats. */
export function normaliseInterleaved(
  pixels: Uint8Array,
  [red, green, blue]: NormalisationTables,
): Float32Array {
  const result = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    result[at] = red[pixels[at]!]!;
    result[at + 1] = green[pixels[at + 1]!]!;
    result[at + 2] = blue[pixels[at + 2]!]!;
  }
  return result;
}
