/** A dense row-major matrix in double precision. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** @throws RangeError when the data's length is not rows × columns. */
export function matrix(rows: number, columns: number, data: ArrayLike<number>): Matrix {
  if (data.length !== rows * columns) {
    throw new RangeError(`a ${rows}×${columns} matrix needs ${rows * columns} values, got ${data.length}`);
  }
  return { rows, columns, data: Float64Array.from(data) };
}

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

/** Rows that one pass over a result adds: the result is read and written a quarter as often. */
const GROUP = 4;

/** XᵀY: [n, d] and [n, k] → [d, k]. */
export function transposeTimes(x: Matrix, y: Matrix): Matrix {
  if (x.rows !== y.rows) throw new RangeError(`matrices of ${x.rows} and ${y.rows} rows don't fit together`);
  const [d, k] = [x.columns, y.columns];
  const result = zeroMatrix(d, k);
  for (let start = 0; start < x.rows; start += GROUP) {
    const rows = Math.min(GROUP, x.rows - start);
    for (let i = 0; i < d; i++) {
      // Missing rows of the last group have weight 0 and read row 0 of the group.
      const weight = (row: number) => (row < rows ? x.data[(start + row) * d + i]! : 0);
      const from = (row: number) => (start + (row < rows ? row : 0)) * k;
      const [a, b, c, e] = [weight(0), weight(1), weight(2), weight(3)];
      const [p, q, r, s] = [from(0), from(1), from(2), from(3)];
      for (let j = 0, to = i * k; j < k; j++, to++) {
        result.data[to]! += a * y.data[p + j]! + b * y.data[q + j]! + c * y.data[r + j]! + e * y.data[s + j]!;
      }
    }
  }
  return result;
}

/** XY: [n, d] and [d, k] → [n, k]. */
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
