/** What a row of 8-bit integers stands for: scale · values, and how far that is from the vector. */
export interface Quantised {
  /** A float32. */
  readonly scale: number;
  /** At least the length of vector − scale · values, and the slack; a float32. */
  readonly radius: number;
  /** Length of scale · values. */
  readonly length: number;
}

const LARGEST = 127;

/** A float32 that is at least the number, which is not negative and no number is smaller than float32 can tell from 0. */
const float32Above = (value: number): number => Math.fround(value * (1 + 2 ** -22));

/**
 * Rounds a vector to 8-bit integers with one scale: its largest value becomes ±127.
 * @param vector finite values
 * @param values gets the integers
 * @param slack how far the vector itself may be from what it stands for
 */
export function quantise(vector: Float32Array, values: Int8Array, slack = 0): Quantised {
  let largest = 0;
  for (let i = 0; i < vector.length; i++) largest = Math.max(largest, Math.abs(vector[i]!));
  const scale = Math.fround(largest / LARGEST);
  const inverse = scale > 0 ? 1 / scale : 0;
  let [squares, rest] = [0, 0];
  for (let i = 0; i < vector.length; i++) {
    const value = vector[i]!;
    const rounded = Math.max(-LARGEST, Math.min(LARGEST, Math.round(value * inverse)));
    values[i] = rounded;
    squares += rounded * rounded;
    const error = value - rounded * scale;
    rest += error * error;
  }
  return { scale, radius: float32Above(Math.sqrt(rest) + slack), length: Math.sqrt(squares) * scale };
}

/** A query as 16-bit integers: scale · values, and how far that is from it. */
export interface QuantisedQuery {
  readonly values: Int16Array;
  readonly scale: number;
  /** Length of query − scale · values. */
  readonly rest: number;
  /** Length of the query. */
  readonly norm: number;
}

const LARGEST_16 = 32_767;
/** Sums that 32 bits hold, less a little for rounding. */
const LARGEST_SUM = 2 ** 31 * 0.999;

/**
 * Rounds a query to 16-bit integers, coarse enough that no sum with a row of 8-bit integers, nor a part of it, leaves
 * 32 bits: by Cauchy and Schwarz it is at most the product of both lengths.
 */
export function quantiseQuery(query: Float32Array): QuantisedQuery {
  let [largest, squares] = [0, 0];
  for (const value of query) {
    largest = Math.max(largest, Math.abs(value));
    squares += value * value;
  }
  const values = new Int16Array(query.length);
  const norm = Math.sqrt(squares);
  if (largest === 0) return { values, scale: 0, rest: 0, norm };
  const root = Math.sqrt(query.length);
  // Rounding lengthens the query by at most half the root of its width.
  const longest = Math.max(LARGEST_SUM / (LARGEST * root) - root / 2, 1);
  const factor = Math.min(LARGEST_16 / largest, longest / norm);
  const scale = 1 / factor;
  let rest = 0;
  for (let i = 0; i < query.length; i++) {
    values[i] = Math.round(query[i]! * factor);
    rest += (query[i]! - values[i]! * scale) ** 2;
  }
  return { values, scale, rest: Math.sqrt(rest), norm };
}
