import { HEAT_COLOURS } from '../../../src/search/regions/heatColours.ts';
import type { Grid } from './heatGrid.ts';

/** Weights of four neighbours at a place between the second and the third (Catmull and Rom, as the command draws it). */
function cubicWeights(t: number): readonly [number, number, number, number] {
  return [
    ((2 - t) * t - 1) * t * 0.5,
    ((3 * t - 5) * t * t + 2) * 0.5,
    ((4 - 3 * t) * t + 1) * t * 0.5,
    (t - 1) * t * t * 0.5,
  ];
}

/** What a pixel of a line is made of: the four values around it and their weights; undefined outside of the grid. */
type Taps = { readonly at: readonly number[]; readonly weights: readonly number[] } | undefined;

/**
 * For each pixel of a line, the values of the grid that it is made of.
 * @param from where the grid begins, in shares of the line
 * @param to where it ends
 */
function tapsOf(pixels: number, from: number, to: number, count: number): Taps[] {
  return Array.from({ length: pixels }, (_, pixel) => {
    const share = ((pixel + 0.5) / pixels - from) / (to - from);
    if (share < 0 || share >= 1) return undefined;
    // Values stand for the middles of their cells.
    const place = share * count - 0.5;
    const low = Math.floor(place);
    const at = [-1, 0, 1, 2].map((step) => Math.min(Math.max(low + step, 0), count - 1));
    return { at, weights: cubicWeights(place - low) };
  });
}

/**
 * A heatmap as pixels that lie over a whole picture: the grid's values between their places by cubic interpolation, then
 * the colours; clear where the grid does not reach.
 * @param values 0 … 1, row by row
 * @returns RGBA, [height · width · 4]
 */
export function heatPixels(
  grid: Grid,
  values: readonly (readonly number[])[],
  width: number,
  height: number,
): Uint8ClampedArray<ArrayBuffer> {
  const across = tapsOf(width, grid.area.x1, grid.area.x2, grid.columns);
  const down = tapsOf(height, grid.area.y1, grid.area.y2, grid.rows);
  const pixels = new Uint8ClampedArray(4 * width * height);
  // Each row of the grid at the width of the drawing, once.
  const wide = values.map((row) =>
    across.map((taps) => taps?.at.reduce((sum, at, i) => sum + row[at]! * taps.weights[i]!, 0) ?? 0),
  );
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++, to += 4) {
      const taps = down[y];
      if (!taps || !across[x]) continue;
      let value = 0;
      for (let i = 0; i < 4; i++) value += wide[taps.at[i]!]![x]! * taps.weights[i]!;
      const colour = 3 * Math.round(255 * Math.min(Math.max(value, 0), 1));
      pixels.set(HEAT_COLOURS.subarray(colour, colour + 3), to);
      pixels[to + 3] = 255;
    }
  return pixels;
}

/** Values as shares of the way from their least to their most, and these. */
export function stretched(
  values: readonly (readonly number[])[],
  isLeftOut: (row: number, column: number) => boolean = () => false,
): { readonly values: number[][]; readonly least: number; readonly most: number } {
  const seen = values.flatMap((row, y) => row.filter((_, x) => !isLeftOut(y, x)));
  const [least, most] = seen.length === 0 ? [0, 1] : [Math.min(...seen), Math.max(...seen)];
  const span = Math.max(most - least, 1e-9);
  const shares = values.map((row) => row.map((value) => Math.min(Math.max((value - least) / span, 0), 1)));
  return { values: shares, least, most };
}
