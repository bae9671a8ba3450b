import type { TensorSpec } from '../../../session.ts';
import { dtypeOf } from '../elementType.ts';
import type { NativeApi, Pointer } from './api.ts';
import { readString, takeString } from './memory.ts';
import { readDimensions } from './value.ts';

const FUNCTIONS = {
  Input: ['SessionGetInputCount', 'SessionGetInputName', 'SessionGetInputTypeInfo'],
  Output: ['SessionGetOutputCount', 'SessionGetOutputName', 'SessionGetOutputTypeInfo'],
} as const;

/** Names, dtypes and shapes of a native session's inputs or outputs, in the graph's order. */
export function describe(api: NativeApi, session: Pointer, side: 'Input' | 'Output'): TensorSpec[] {
  const [getCount, getName, getType] = FUNCTIONS[side];
  const allocator = api.out('GetAllocatorWithDefaultOptions');
  return Array.from({ length: Number(api.out(getCount, session)) }, (_, index) => {
    const name = takeString(api, api.out(getName, session, index, allocator));
    const type = api.out(getType, session, index);
    try {
      const tensor = api.out('CastTypeInfoToTensorInfo', type);
      if (!tensor) throw new Error(`${side} "${name}" is not a tensor.`);
      const dtype = dtypeOf(Number(api.out('GetTensorElementType', tensor)), `${side} "${name}"`);
      return { name, dtype, shape: symbolicShape(api, tensor) };
    } finally {
      api.release('ReleaseTypeInfo', type);
    }
  });
}

function symbolicShape(api: NativeApi, tensor: Pointer): (number | string)[] {
  const dimensions = readDimensions(api, tensor);
  if (dimensions.length === 0) return [];
  const names = new BigUint64Array(dimensions.length);
  api.call('GetSymbolicDimensions', tensor, names, dimensions.length);
  return dimensions.map((n, i) => (n >= 0 ? n : readString(names[i] ?? 0n) || '?'));
}
