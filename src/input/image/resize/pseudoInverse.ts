/** Singular values below this share of the largest count as zero (NumPy's `pinv` default). */
const RELATIVE_CUTOFF = 1e-15;
const MAX_SWEEPS = 60;

/**
 * Moore–Penrose inverse [columns, rows] of a row-major matrix [rows, columns], by one-sided Jacobi rotations: slow
 * for large matrices (cubic, several sweeps), accurate for every one. Meant for sides up to about 100.
 * @throws RangeError when the data's length is not rows × columns.
 */
export function pseudoInverse(matrix: Float64Array, rows: number, columns: number): Float64Array {
  if (matrix.length !== rows * columns) {
    throw new RangeError(`A ${rows}×${columns} matrix needs ${rows * columns} values, got ${matrix.length}.`);
  }
  if (rows < columns)
    return transpose(pseudoInverse(transpose(matrix, rows, columns), columns, rows), rows, columns);
  // Columns of A V = U S are kept as rows of `scaled`, columns of V as rows of `right`.
  const scaled = transpose(matrix, rows, columns);
  const right = identity(columns);
  for (let sweep = 0; sweep < MAX_SWEEPS && orthogonalise(scaled, right, rows, columns); sweep++);
  const squares = Array.from({ length: columns }, (_, k) => dot(scaled, scaled, k, k, rows));
  const cutoff = Math.max(...squares) * RELATIVE_CUTOFF ** 2;
  const inverse = new Float64Array(columns * rows);
  squares.forEach((square, k) => {
    if (square <= cutoff) return;
    for (let i = 0; i < columns; i++) {
      const factor = right[k * columns + i]! / square;
      for (let j = 0; j < rows; j++) inverse[i * rows + j]! += factor * scaled[k * rows + j]!;
    }
  });
  return inverse;
}

/** One sweep over all pairs; whether anything was still rotated. */
function orthogonalise(scaled: Float64Array, right: Float64Array, length: number, count: number): boolean {
  let rotated = false;
  for (let p = 0; p < count - 1; p++) {
    for (let q = p + 1; q < count; q++) {
      const alpha = dot(scaled, scaled, p, p, length);
      const beta = dot(scaled, scaled, q, q, length);
      const gamma = dot(scaled, scaled, p, q, length);
      if (Math.abs(gamma) <= Number.EPSILON * Math.sqrt(alpha * beta)) continue;
      rotated = true;
      const zeta = (beta - alpha) / (2 * gamma);
      const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
      const cosine = 1 / Math.hypot(1, tangent);
      rotate(scaled, p, q, length, cosine, cosine * tangent);
      rotate(right, p, q, count, cosine, cosine * tangent);
    }
  }
  return rotated;
}

function rotate(
  rows: Float64Array,
  p: number,
  q: number,
  length: number,
  cosine: number,
  sine: number,
): void {
  for (let i = 0; i < length; i++) {
    const a = rows[p * length + i]!;
    const b = rows[q * length + i]!;
    rows[p * length + i] = cosine * a - sine * b;
    rows[q * length + i] = sine * a + cosine * b;
  }
}

function dot(a: Float64Array, b: Float64Array, p: number, q: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[p * length + i]! * b[q * length + i]!;
  return sum;
}

function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
  return matrix;
}

/** [rows, columns] to [columns, rows]. */
export function transpose(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j]!;
  }
  return result;
}
