/** The sum of products of two vectors, from `at` in the second. */
export function dot(vector: Float32Array, rows: Float32Array, at = 0): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * rows[at + i]!;
  return sum;
}

/** A vector of length 1 in the same direction; zeros stay. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length > 0 ? vector.map((value) => value / length) : vector;
}

/** The weighted sum of vectors of one width; of one at least. */
export function weightedSum(vectors: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const sum = new Float32Array(vectors[0]!.length);
  for (const [k, vector] of vectors.entries()) {
    for (let i = 0; i < sum.length; i++) sum[i]! += weights[k]! * vector[i]!;
  }
  return sum;
}

/** The direction in which vectors of unit length agree. */
export const meanDirection = (vectors: readonly Float32Array[]): Float32Array =>
  unit(
    weightedSum(
      vectors,
      vectors.map(() => 1),
    ),
  );
