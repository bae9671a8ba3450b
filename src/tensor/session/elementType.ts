import type { DType } from '../ndarray.ts';

/** ONNX TensorProto.DataType numbers, which are also the C interface's ONNXTensorElementDataType. */
const NUMBERS: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  bfloat16: 16,
};

const DTYPES = new Map(Object.entries(NUMBERS).map(([dtype, number]) => [number, dtype as DType]));

/** ONNX's number of a dtype. */
export const elementType = (dtype: DType): number => NUMBERS[dtype];

/**
 * The dtype of ONNX's number.
 * @throws Error for element types that {@link DType} leaves out; `what` names the tensor.
 */
export function dtypeOf(number: number, what: string): DType {
  const dtype = DTYPES.get(number);
  if (!dtype)
    throw new Error(
      `${what} has ONNX element type ${number}; supported: ${[...DTYPES.values()].join(', ')}.`,
    );
  return dtype;
}
