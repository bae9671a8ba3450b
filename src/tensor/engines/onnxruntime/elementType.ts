import type { DType } from '../../ndarray.ts';
import { ONNX_DTYPE } from '../../onnx/proto.ts';

const DTYPES = new Map<number, DType>();
for (const dtype of ['float32', 'float16', 'bfloat16', 'int32', 'int64', 'uint8', 'bool'] as const) {
  DTYPES.set(ONNX_DTYPE[dtype], dtype);
}

/** ONNX's number of a dtype; the C interface's ONNXTensorElementDataType is the same. */
export const elementType = (dtype: DType): number => ONNX_DTYPE[dtype];

/**
 * The dtype of ONNX's number.
 * @throws Error for element types that {@link DType} leaves out; `what` names the tensor.
 */
export function dtypeOf(number: number, what: string): DType {
  const dtype = DTYPES.get(number);
  if (!dtype) {
    throw new Error(
      `${what} has ONNX element type ${number}; supported are ${[...DTYPES.values()].join(', ')}.`,
    );
  }
  return dtype;
}
