import { type NdArray, sizeOf, zeros } from '../../tensor/index.ts';

const rowSize = ({ shape }: NdArray): number => sizeOf(shape.slice(1));

/** Rows start … end − 1 of an array, sharing its memory. */
export function sliceRows(array: NdArray, start: number, end: number): NdArray {
  const size = rowSize(array);
  const data = array.data.subarray(start * size, end * size);
  return { ...array, shape: [end - start, ...array.shape.slice(1)], data };
}

/** Rows by index, copied: [n, …] → [indices, …]. */
export function takeRows(array: NdArray, indices: Int32Array): NdArray {
  const size = rowSize(array);
  const taken = zeros(array.dtype, [indices.length, ...array.shape.slice(1)]);
  // Same dtype, so the same kind of array: TypeScript cannot relate the two unions.
  const [from, to] = [array.data as Float32Array, taken.data as Float32Array];
  indices.forEach((index, i) => {
    to.set(from.subarray(index * size, (index + 1) * size), i * size);
  });
  return taken;
}
