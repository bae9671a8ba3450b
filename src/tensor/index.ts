export { compile } from './compile.ts';
export { grad } from './grad.ts';
export { inputNames } from './inputNames.ts';
export * from './ndarray.ts';
export { type EmitRequest, emitOnnx, type WeightSource } from './onnx/emit.ts';
export type { ExternalData } from './onnx/encode.ts';
export { NEWEST_OPSET, OPSETS, type Opset } from './onnx/opset.ts';
export { attention } from './primitives/attention.ts';
export { blockwise } from './primitives/blockwise.ts';
export * from './primitives/elementwise.ts';
export { gather, scatterAdd } from './primitives/gather.ts';
export { linear, matmul } from './primitives/matmul.ts';
export { gelu, layerNorm, logSumExp, softmax } from './primitives/normalization.ts';
export * from './primitives/reduce.ts';
export * from './primitives/reshape.ts';
export * from './primitives/slice.ts';
export { constant, input, scalar } from './primitives/source.ts';
export { withGradient } from './primitives/withGradient.ts';
export { availableDevices } from './session/devices.ts';
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
