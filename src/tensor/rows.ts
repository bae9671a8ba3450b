import { byteWidth, type DType, type NdArray, sizeOf, viewBytes, zeros } from './ndarray.ts';

/** Elements of one row: of all axes but the first. */
export const rowSize = ({ shape }: { readonly shape: readonly number[] }): number => sizeOf(shape.slice(1));

/** Rows start … end − 1, sharing the array's memory: [n, …] → [end − start, …]. */
export function sliceRows<D extends DType>(array: NdArray<D>, start: number, end: number): NdArray<D> {
  const size = rowSize(array);
  // A part of an array is of its kind, which TypeScript does not follow through the union of kinds.
  const data = array.data.subarray(start * size, end * size) as NdArray<D>['data'];
  return { dtype: array.dtype, shape: [end - start, ...array.shape.slice(1)], data };
}

/**
 * Rows by index, in the order asked for, copied: [n, …] → [rows, …].
 * @throws RangeError naming an index that is no row
 * @example
 * const x = float32([3, 2], [0, 1, 2, 3, 4, 5]);
 * console.log(takeRows(x, [2, 0]).data); // 4, 5, 0, 1
 */
export function takeRows<D extends DType>(array: NdArray<D>, rows: Iterable<number>): NdArray<D> {
  const indices = [...rows];
  const count = array.shape[0]!;
  const bytes = rowSize(array) * byteWidth(array.dtype);
  const taken = zeros(array.dtype, [indices.length, ...array.shape.slice(1)]);
  const [from, to] = [viewBytes(array.data), viewBytes(taken.data)];
  indices.forEach((row, i) => {
    if (!(row >= 0 && row < count)) throw new RangeError(`there is no row ${row} among ${count}`);
    to.set(from.subarray(row * bytes, (row + 1) * bytes), i * bytes);
  });
  return taken;
}

/**
 * Rows of several arrays one after the other, copied: [n₁, …], [n₂, …], … → [n₁ + n₂ + …, …].
 * @param shape of one row, for when there is no array
 */
export function stackRows<D extends DType>(
  dtype: D,
  shape: readonly number[],
  arrays: readonly NdArray<D>[],
): NdArray<D> {
  const count = arrays.reduce((total, array) => total + array.shape[0]!, 0);
  const stacked = zeros(dtype, [count, ...shape]);
  const to = viewBytes(stacked.data);
  let at = 0;
  for (const { data } of arrays) {
    to.set(viewBytes(data), at);
    at += data.byteLength;
  }
  return stacked;
}

/** Each row as an array of its own, copied: [n, …] → n arrays. */
export function splitRows<D extends DType>(array: NdArray<D>): NdArray<D>['data'][] {
  const size = rowSize(array);
  return Array.from(
    { length: array.shape[0]! },
    (_, row) => array.data.slice(row * size, (row + 1) * size) as NdArray<D>['data'],
  );
}
