/** Rounds of subspace iteration: a good basis makes a search faster, any orthonormal one leaves it right. */
const ROUNDS = 3;

/**
 * Directions along which vectors are longest: about the first right singular vectors, by subspace iteration (Halko,
 * Martinsson, Tropp 2011, algorithm 4.4).
 * @param vectors [n, width], n at least `count`
 * @returns [count, width], orthonormal; rows of zeros where the vectors span less
 */
export function mainDirections(vectors: Float32Array, width: number, count: number): Float64Array {
  const n = vectors.length / width;
  const basis = new Float64Array(count * width);
  for (let k = 0; k < count; k++) {
    const from = Math.floor((k * n) / count) * width;
    basis.set(vectors.subarray(from, from + width), k * width);
  }
  orthonormalise(basis, width, count);
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(count * width);
    for (let row = 0; row < n; row++)
      addTurned(next, basis, vectors.subarray(row * width, (row + 1) * width));
    basis.set(next);
    orthonormalise(basis, width, count);
  }
  return basis;
}

/** Adds (basisₖ · vector) · vector to every row k. */
function addTurned(sum: Float64Array, basis: Float64Array, vector: Float32Array): void {
  for (let at = 0; at < basis.length; at += vector.length) {
    let dot = 0;
    for (let i = 0; i < vector.length; i++) dot += basis[at + i]! * vector[i]!;
    for (let i = 0; i < vector.length; i++) sum[at + i]! += dot * vector[i]!;
  }
}

/** Shorter than this share of what it was, a row is rounding errors. */
const LEAST = 1e-6;

/** Modified Gram–Schmidt, twice for each row: orthogonal to the last bits. */
function orthonormalise(basis: Float64Array, width: number, count: number): void {
  for (let k = 0; k < count; k++) {
    const row = basis.subarray(k * width, (k + 1) * width);
    const before = Math.hypot(...row);
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < k; j++) subtractPart(row, basis.subarray(j * width, (j + 1) * width));
    const after = Math.hypot(...row);
    const factor = after > before * LEAST ? 1 / after : 0;
    for (let i = 0; i < width; i++) row[i]! *= factor;
  }
}

function subtractPart(row: Float64Array, other: Float64Array): void {
  let dot = 0;
  for (let i = 0; i < row.length; i++) dot += row[i]! * other[i]!;
  for (let i = 0; i < row.length; i++) row[i]! -= dot * other[i]!;
}
