import { type DType, type NdArray, ndarray } from '../../ndarray.ts';

/** An array of the given dtype and shape over a whole buffer, without a copy. */
export function arrayOver(dtype: DType, shape: readonly number[], buffer: ArrayBufferLike): NdArray {
  switch (dtype) {
    case 'float32':
      return ndarray(dtype, shape, new Float32Array(buffer));
    case 'float16':
    case 'bfloat16':
      return ndarray(dtype, shape, new Uint16Array(buffer));
    case 'int32':
      return ndarray(dtype, shape, new Int32Array(buffer));
    case 'int64':
      return ndarray(dtype, shape, new BigInt64Array(buffer));
    case 'uint8':
    case 'bool':
      return ndarray(dtype, shape, new Uint8Array(buffer));
  }
}
