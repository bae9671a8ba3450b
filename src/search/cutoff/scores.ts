import type { Embeddings } from '../../encoder/embeddings.ts';

export const rowsOf = (embeddings: Embeddings): number => embeddings.shape[0]!;

/** The first rows, at most so many. */
export function firstRows({ shape, data }: Embeddings, most: number): Embeddings {
  const rows = Math.min(shape[0]!, most);
  return { dtype: 'float32', shape: [rows, shape[1]!], data: data.subarray(0, rows * shape[1]!) };
}

export const row = ({ shape, data }: Embeddings, index: number): Float32Array =>
  data.subarray(index * shape[1]!, (index + 1) * shape[1]!);

/**
 * Inner products of a vector with every row.
 * @throws RangeError when the widths differ: two models
 */
export function scoresOf(vector: Float32Array, { shape, data }: Embeddings): Float64Array {
  const [rows, width] = shape as [number, number];
  if (vector.length !== width)
    throw new RangeError(`the query's width is ${vector.length}, the pictures' ${width}: use one model`);
  const scores = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += vector[k]! * data[i * width + k]!;
    scores[i] = sum;
  }
  return scores;
}
