/** Rows and columns of a grid, the last ones excluded. */
export interface Cells {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** The stretch of a list whose sum is largest, at least one long (Kadane). */
function bestStretch(values: Float64Array): {
  readonly from: number;
  readonly to: number;
  readonly sum: number;
} {
  let best = { from: 0, to: 1, sum: Number.NEGATIVE_INFINITY };
  let [from, sum] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (sum <= 0) [from, sum] = [i, 0];
    sum += values[i]!;
    if (sum > best.sum) best = { from, to: i + 1, sum };
  }
  return best;
}

/**
 * The rectangle of a grid whose values have the largest sum: Kadane's stretch of columns for every stretch of rows, in
 * rows² · columns steps.
 * @param values [rows·columns], row by row; those that do not belong are below 0
 */
export function largestSum(values: ArrayLike<number>, rows: number, columns: number): Cells {
  let best = { cells: { top: 0, left: 0, bottom: 1, right: 1 }, sum: Number.NEGATIVE_INFINITY };
  for (let top = 0; top < rows; top++) {
    const sums = new Float64Array(columns);
    for (let bottom = top + 1; bottom <= rows; bottom++) {
      for (let column = 0; column < columns; column++)
        sums[column]! += values[(bottom - 1) * columns + column]!;
      const { from, to, sum } = bestStretch(sums);
      if (sum > best.sum) best = { cells: { top, left: from, bottom, right: to }, sum };
    }
  }
  return best.cells;
}
