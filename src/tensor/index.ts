export { blockwise } from './blockwise/blockwise.ts';
export { gelu, layerNorm, logSumExp, softmax } from './blockwise/normalization.ts';
export { compile } from './compile.ts';
export { type EmitRequest, emitOnnx, type WeightSource } from './emit/emit.ts';
export type { ExternalData } from './emit/encode.ts';
export { availableDevices } from './engines/onnxruntime/native/devices.ts';
export { grad } from './grad.ts';
export { inputNames } from './inputNames.ts';
export * from './ndarray.ts';
export { NEWEST_OPSET, OPSETS, type Opset } from './onnx/opset.ts';
export { attention } from './primitives/attention.ts';
export * from './primitives/elementwise.ts';
export { gather, scatterAdd } from './primitives/gather.ts';
export { linear, matmul } from './primitives/matmul.ts';
export * from './primitives/reduce.ts';
export * from './primitives/reshape.ts';
export * from './primitives/slice.ts';
export { constant, input, scalar } from './primitives/source.ts';
export { sumSquares } from './primitives/sumSquares.ts';
export { withGradient } from './primitives/withGradient.ts';
export {
  type Arrays,
  type BoundRun,
  DEVICES,
  type Device,
  type Session,
  type SessionOptions,
} from './session.ts';
export { type Dim, type Shape, staticDim } from './shape.ts';
export type { Tensor } from './tensor.ts';
