import type { RgbaPixels } from '../../../src/data/index.ts';
import { type BilinearWeights, bilinearWeights } from '../drawings/bilinearWeights.ts';

/** A drawing with its colours multiplied by alpha, ready to be laid over something. */
export interface PremultipliedDrawing {
  readonly side: number;
  /** Side × side × 4 values, 0 … 255. */
  readonly data: Float32Array;
}

/**
 * Resizes a square drawing with Pillow's antialiased bilinear filter, in floats and without the roundings to bytes of
 * `resizeRgba` (render.ts): several times as fast, for drawings that are made anew for each scene.
 */
export function resizeDrawing(rgba: RgbaPixels, size: number, side: number): PremultipliedDrawing {
  const table = bilinearWeights(size, side);
  return { side, data: resizeColumns(resizeRows(rgba, size, side, table), size, side, table) };
}

function premultiply(rgba: RgbaPixels): Float32Array {
  const data = new Float32Array(rgba.length);
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3]!;
    if (alpha === 0) continue;
    const share = alpha / 255;
    data[at] = rgba[at]! * share;
    data[at + 1] = rgba[at + 1]! * share;
    data[at + 2] = rgba[at + 2]! * share;
    data[at + 3] = alpha;
  }
  return data;
}

/** [size, size, 4] → [size, side, 4] */
function resizeRows(
  rgba: RgbaPixels,
  size: number,
  side: number,
  { stride, starts, counts, weights }: BilinearWeights,
): Float32Array {
  const source = premultiply(rgba);
  const result = new Float32Array(size * side * 4);
  for (let y = 0, to = 0; y < size; y++) {
    for (let x = 0; x < side; x++, to += 4) {
      let at = (y * size + starts[x]!) * 4;
      let [r, g, b, a] = [0, 0, 0, 0];
      for (let k = x * stride; k < x * stride + counts[x]!; k++, at += 4) {
        const weight = weights[k]!;
        r += source[at]! * weight;
        g += source[at + 1]! * weight;
        b += source[at + 2]! * weight;
        a += source[at + 3]! * weight;
      }
      result[to] = r;
      result[to + 1] = g;
      result[to + 2] = b;
      result[to + 3] = a;
    }
  }
  return result;
}

/** [size, side, 4] → [side, side, 4] */
function resizeColumns(
  source: Float32Array,
  size: number,
  side: number,
  { stride, starts, counts, weights }: BilinearWeights,
): Float32Array {
  if (size === side) return source;
  const row = side * 4;
  const result = new Float32Array(side * row);
  for (let y = 0; y < side; y++) {
    const to = y * row;
    for (let k = 0; k < counts[y]!; k++) {
      const weight = weights[y * stride + k]!;
      const from = (starts[y]! + k) * row;
      for (let i = 0; i < row; i++) result[to + i]! += source[from + i]! * weight;
    }
  }
  return result;
}
