import type { Embeddings } from '../../encoder/embeddings.ts';

export const rowsOf = (embeddings: Embeddings): number => embeddings.shape[0]!;

/** The first rows, at most so many. */
export function firstRows({ shape, data }: Embeddings, most: number): Embeddings {
  const rows = Math.min(shape[0]!, most);
  return { dtype: 'float32', shape: [rows, shape[1]!], data: data.subarray(0, rows * shape[1]!) };
}

export const row = ({ shape, data }: Embeddings, index: number): Float32Array =>
  data.subarray(index * shape[1]!, (index + 1) * shape[1]!);

/*
 * Every product is summed in double precision from the first value to the last. An addition waits for the one before it, so
 * that several sums that do not depend on each other go on at once: two to three times as fast, to the same bit.
 */

const needWidth = (own: number, width: number): void => {
  if (own !== width)
    throw new RangeError(`the query's width is ${own}, the pictures' ${width}: use one model`);
};

function product(a: Float32Array, at: number, b: Float32Array, from: number, width: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++) sum += a[at + k]! * b[from + k]!;
  return sum;
}

/**
 * Inner products of a vector with every row.
 * @throws RangeError when the widths differ: two models
 */
export function scoresOf(vector: Float32Array, { shape, data }: Embeddings): Float64Array {
  const [rows, width] = shape as [number, number];
  needWidth(vector.length, width);
  const scores = new Float64Array(rows);
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const a = i * width;
    const [b, c, d] = [a + width, a + 2 * width, a + 3 * width];
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let k = 0; k < width; k++) {
      const q = vector[k]!;
      s0 += q * data[a + k]!;
      s1 += q * data[b + k]!;
      s2 += q * data[c + k]!;
      s3 += q * data[d + k]!;
    }
    scores[i] = s0;
    scores[i + 1] = s1;
    scores[i + 2] = s2;
    scores[i + 3] = s3;
  }
  for (; i < rows; i++) scores[i] = product(vector, 0, data, i * width, width);
  return scores;
}

/**
 * Inner products of every row of one with every row of the other, [n, m].
 * @throws RangeError when the widths differ: two models
 */
export function scoreTable(left: Embeddings, right: Embeddings): Float64Array {
  const [n, width] = left.shape as [number, number];
  const [m, others] = right.shape as [number, number];
  needWidth(width, others);
  const table = new Float64Array(n * m);
  const [pairs, fours] = [n - (n % 2), m - (m % 4)];
  for (let i = 0; i < pairs; i += 2)
    for (let j = 0; j < fours; j += 4) writeTile(table, left.data, i, right.data, j, width, m);
  for (let i = 0; i < n; i++)
    for (let j = i < pairs ? fours : 0; j < m; j++)
      table[i * m + j] = product(left.data, i * width, right.data, j * width, width);
  return table;
}

/** The products of two rows with four. */
function writeTile(
  table: Float64Array,
  left: Float32Array,
  i: number,
  right: Float32Array,
  j: number,
  width: number,
  m: number,
): void {
  const [x, y, a] = [i * width, (i + 1) * width, j * width];
  const [b, c, d] = [a + width, a + 2 * width, a + 3 * width];
  let [s0, s1, s2, s3, s4, s5, s6, s7] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < width; k++) {
    const p = left[x + k]!;
    const q = left[y + k]!;
    const ra = right[a + k]!;
    const rb = right[b + k]!;
    const rc = right[c + k]!;
    const rd = right[d + k]!;
    s0 += p * ra;
    s1 += p * rb;
    s2 += p * rc;
    s3 += p * rd;
    s4 += q * ra;
    s5 += q * rb;
    s6 += q * rc;
    s7 += q * rd;
  }
  table.set([s0, s1, s2, s3], i * m + j);
  table.set([s4, s5, s6, s7], (i + 1) * m + j);
}
