/** A dense row-major matrix in double precision. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/**
 * Numbers as a matrix, row by row.
 * @throws RangeError when the data's length is not rows × columns.
 * @example
 * const identity = matrix(2, 2, [1, 0, 0, 1]);
 */
export function matrix(rows: number, columns: number, data: ArrayLike<number>): Matrix {
  if (data.length !== rows * columns) {
    throw new RangeError(`a ${rows}×${columns} matrix needs ${rows * columns} values, got ${data.length}`);
  }
  return { rows, columns, data: Float64Array.from(data) };
}

/**
 * A matrix of zeros.
 * @example
 * const none = zeroMatrix(2, 3);
 */
export const zeroMatrix = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  data: new Float64Array(rows * columns),
});

export function transpose({ rows, columns, data }: Matrix): Matrix {
  const result = zeroMatrix(columns, rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result.data[j * rows + i] = data[i * columns + j]!;
  }
  return result;
}

/** target[to …] += a·p[…] + b·q[…] + c·r[…] + d·s[…]: four rows in one pass over the target. */
function addFourRows(
  target: Float64Array,
  source: Float64Array,
  weights: readonly [number, number, number, number],
  from: number,
  stride: number,
  count: number,
  to: number,
): void {
  const [a, b, c, d] = weights;
  const [q, r, s] = [from + stride, from + 2 * stride, from + 3 * stride];
  for (let j = 0; j < count; j++) {
    target[to + j] =
      target[to + j]! + a * source[from + j]! + b * source[q + j]! + c * source[r + j]! + d * source[s + j]!;
  }
}

const GROUP = 4;

/** XᵀY: [n, d] and [n, k] → [d, k]. With `lower`, only the lower triangle, where that says all (Y is X). */
function accumulate(x: Matrix, y: Matrix, lower: boolean): Matrix {
  const [d, k] = [x.columns, y.columns];
  const result = zeroMatrix(d, k);
  const whole = x.rows - (x.rows % GROUP);
  for (let row = 0; row < whole; row += GROUP) {
    for (let i = 0; i < d; i++) {
      const at = row * d + i;
      const weights = [x.data[at]!, x.data[at + d]!, x.data[at + 2 * d]!, x.data[at + 3 * d]!] as const;
      addFourRows(result.data, y.data, weights, row * k, k, lower ? i + 1 : k, i * k);
    }
  }
  for (let row = whole; row < x.rows; row++) {
    for (let i = 0; i < d; i++) {
      const weight = x.data[row * d + i]!;
      const count = lower ? i + 1 : k;
      for (let j = 0; j < count; j++) result.data[i * k + j]! += weight * y.data[row * k + j]!;
    }
  }
  return result;
}

/** XᵀY: [n, d] and [n, k] → [d, k]. */
export function transposeTimes(x: Matrix, y: Matrix): Matrix {
  if (x.rows !== y.rows) throw new RangeError(`matrices of ${x.rows} and ${y.rows} rows don't fit together`);
  return accumulate(x, y, false);
}

/** The lower triangle of the symmetric XᵀX, [d, d]; what is above the diagonal is 0. */
export const lowerGram = (x: Matrix): Matrix => accumulate(x, x, true);

/**
 * XY: [n, d] and [d, k] → [n, k].
 * @example
 * const product = times(matrix(1, 2, [1, 2]), matrix(2, 1, [3, 4])); // [[11]]
 */
export function times(x: Matrix, y: Matrix): Matrix {
  if (x.columns !== y.rows) throw new RangeError(`${x.columns} columns don't fit ${y.rows} rows`);
  const result = zeroMatrix(x.rows, y.columns);
  for (let i = 0; i < x.rows; i++) {
    for (let l = 0; l < x.columns; l++) {
      const weight = x.data[i * x.columns + l]!;
      for (let j = 0; j < y.columns; j++) {
        result.data[i * y.columns + j]! += weight * y.data[l * y.columns + j]!;
      }
    }
  }
  return result;
}
