import { byteWidth, type DType, type NdArray, sizeOf, zeros } from '../../../ndarray.ts';
import { arrayOver } from '../arrayOver.ts';
import { dtypeOf, elementType } from '../elementType.ts';
import type { NativeApi, Pointer } from './api.ts';
import { copyBytes, type Pinned, pin } from './memory.ts';

/** A native tensor over an array's own memory. It owns the array: while it is reachable, so are the bytes. */
export interface OrtValue extends Pinned {
  readonly pointer: Pointer;
  readonly array: NdArray;
}

const ALLOCATOR_ARENA = 1;
const MEMORY_DEFAULT = 0;
let cpuMemory: Pointer | undefined;

/** Makes a native tensor that reads and writes `array.data` in place. Release it with {@link releaseValue}. */
export function valueOver(api: NativeApi, array: NdArray): OrtValue {
  cpuMemory ??= api.out('CreateCpuMemoryInfo', ALLOCATOR_ARENA, MEMORY_DEFAULT);
  const pinned = pin(array.data);
  const shape = BigInt64Array.from(array.shape, BigInt);
  const pointer = api.out(
    'CreateTensorWithDataAsOrtValue',
    cpuMemory,
    pinned.address,
    array.data.byteLength,
    shape,
    shape.length,
    elementType(array.dtype),
  );
  return { ...pinned, pointer, array };
}

/** Releases the native tensor; the array stays. */
export const releaseValue = (api: NativeApi, value: OrtValue): void =>
  api.release('ReleaseValue', value.pointer);

/** Copies a tensor that the runtime allocated into an array of ours. */
export function readValue(api: NativeApi, value: Pointer, name: string): NdArray {
  const info = api.out('GetTensorTypeAndShape', value);
  try {
    const dtype = dtypeOf(Number(api.out('GetTensorElementType', info)), `Output "${name}"`);
    const shape = readDimensions(api, info).map(Number);
    if (sizeOf(shape) === 0) return zeros(dtype, shape);
    return copyArray(dtype, shape, api.out('GetTensorMutableData', value));
  } finally {
    api.release('ReleaseTensorTypeAndShapeInfo', info);
  }
}

/** Dimensions of a tensor's type; −1 where they are not fixed. */
export function readDimensions(api: NativeApi, info: Pointer): number[] {
  const count = Number(api.out('GetDimensionsCount', info));
  const dimensions = new BigInt64Array(count);
  if (count > 0) api.call('GetDimensions', info, dimensions, count);
  return Array.from(dimensions, Number);
}

const copyArray = (dtype: DType, shape: readonly number[], data: Pointer): NdArray =>
  arrayOver(dtype, shape, copyBytes(data, sizeOf(shape) * byteWidth(dtype)).buffer);
