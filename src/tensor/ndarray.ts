/** Element types that cross the boundary between the host and the engine. */
export type DType = 'float32' | 'float16' | 'bfloat16' | 'int32' | 'int64' | 'uint8' | 'bool';

/** What holds the numbers of each type. */
export interface Storage {
  float32: Float32Array;
  /** IEEE half precision as raw bits. */
  float16: Uint16Array;
  /** bfloat16 as raw bits. */
  bfloat16: Uint16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  /** One byte per element, 0 or 1. */
  bool: Uint8Array;
}

/** A dense row-major array in host memory: the only form in which numbers enter and leave a graph. */
export interface NdArray<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: Storage[D];
}

const CONSTRUCTORS = {
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/**
 * Bytes per element of a dtype.
 * @example
 * console.log(byteWidth('float16')); // 2
 */
export const byteWidth = (dtype: DType): number => CONSTRUCTORS[dtype].BYTES_PER_ELEMENT;

/**
 * Number of elements of a shape (1 for a scalar).
 * @example
 * console.log(sizeOf([2, 3])); // 6
 */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/**
 * Wraps data in an {@link NdArray}.
 * @throws RangeError when the data's length is not the product of the shape.
 * @example
 * const ids = ndarray('int64', [2], BigInt64Array.of(1n, 2n));
 */
export function ndarray<D extends DType>(dtype: D, shape: readonly number[], data: Storage[D]): NdArray<D> {
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(`${dtype}[${shape.join(', ')}] needs ${sizeOf(shape)} elements, got ${data.length}`);
  }
  return { dtype, shape, data };
}

/**
 * A zero-filled array.
 * @example
 * const mask = zeros('bool', [4]);
 */
export function zeros<D extends DType>(dtype: D, shape: readonly number[]): NdArray<D> {
  // TypeScript cannot see that the table's entry for D builds Storage[D].
  return { dtype, shape, data: new CONSTRUCTORS[dtype](sizeOf(shape)) as Storage[D] };
}

/**
 * float32 array from any numbers.
 * @example
 * const x = float32([2, 2], [1, 2, 3, 4]);
 */
export const float32 = (shape: readonly number[], data: ArrayLike<number>): NdArray<'float32'> =>
  ndarray('float32', shape, data instanceof Float32Array ? data : Float32Array.from(data));

/**
 * int32 array from any numbers.
 * @example
 * const ids = int32([3], [5, 1, 0]);
 */
export const int32 = (shape: readonly number[], data: ArrayLike<number>): NdArray<'int32'> =>
  ndarray('int32', shape, data instanceof Int32Array ? data : Int32Array.from(data));

/**
 * The bytes of an array of numbers, in place.
 * @example
 * const bytes = viewBytes(new Float32Array(2)); // 8 of them, the same memory
 */
export const viewBytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
