import { type DType, type NdArray, zeros } from '../../tensor/ndarray.ts';

/** Elements between neighbours along each axis of a row-major array. */
function rowMajorStrides(shape: readonly number[]): number[] {
  const strides: number[] = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/**
 * Reorders the axes of an array: axis i of the result is axis `axes[i]` of the source.
 * @returns a new contiguous array.
 */
export function permute(array: NdArray, axes: readonly number[]): NdArray {
  const sourceStrides = rowMajorStrides(array.shape);
  const shape = axes.map((axis) => array.shape[axis]!);
  const strides = axes.map((axis) => sourceStrides[axis]!);
  const out: NdArray = zeros<DType>(array.dtype, shape);
  if (shape.length === 0 || out.data.length === 0) return { ...array, shape };
  const last = shape.length - 1;
  const [length, step] = [shape[last]!, strides[last]!];
  const index = shape.map(() => 0);
  let from = 0;
  for (let at = 0; at < out.data.length; at += length) {
    for (let i = 0; i < length; i++) out.data[at + i] = array.data[from + i * step]!;
    for (let axis = last - 1; axis >= 0; axis--) {
      index[axis]!++;
      from += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
