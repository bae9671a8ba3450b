/**
 * Graphs: arrays and symbolic tensors, a small closed set of operations with their gradients, and engines that run what was
 * described. A graph is built once from its inputs, differentiated in TypeScript, and compiled to a session that takes and
 * gives arrays. Nothing outside this room names an engine.
 *
 * ```ts
 * import { compile, float32, grad, input, matmul, mul, sum } from 'siglip2/tensor';
 * const x = input('x', 'float32', ['n', 3]);
 * const w = input('w', 'float32', [3, 1]);
 * const y = matmul(x, w);
 * const loss = sum(mul(y, y));
 * const [gradient] = grad(loss, [w]);
 * const session = await compile({ outputs: { loss, ...(gradient && { gradient }) } });
 * const feeds = { x: float32([1, 3], [1, 2, 3]), w: float32([3, 1], [0, 1, 0]) };
 * console.log(await session.run(feeds));
 * await session.dispose();
 * ```
 * @module siglip2/tensor
 */

// Arrays, which stand in memory.

export * from './ndarray.ts';
export { createRandom, type Random } from './random.ts';
export { takeRows } from './rows.ts';

// Tensors, which stand in a graph: what it is given, and what is computed.

export { constant, input, scalar } from './primitives/source.ts';
export { type Dim, type Shape, staticDim } from './shape.ts';
export type { Tensor, TensorType } from './tensor.ts';

// Operations.

export { blockwise } from './blockwise/blockwise.ts';
export { gelu, layerNorm, logSumExp, softmax } from './blockwise/normalization.ts';
export { attention } from './primitives/attention.ts';
export * from './primitives/elementwise.ts';
export { gather, scatterAdd } from './primitives/gather.ts';
export { linear, type MatmulOptions, matmul } from './primitives/matmul.ts';
export * from './primitives/reduce.ts';
export * from './primitives/reshape.ts';
export * from './primitives/slice.ts';
export { sumSquares } from './primitives/sumSquares.ts';

// Gradients.

export { grad } from './grad.ts';
export { type GradientRule, withGradient } from './primitives/withGradient.ts';

// Running a graph.

export { compile } from './compile.ts';
export { graphFlops } from './cost/flops.ts';
export { availableDevices } from './engines/onnxruntime/native/devices.ts';
export { inputNames } from './inputNames.ts';
export {
  type Arrays,
  type BoundRun,
  DEVICES,
  type Device,
  type Session,
  type SessionOptions,
  type TensorSpec,
  type Transport,
} from './session.ts';

// Things that are found by name: losses, evaluators.

export type { Registry } from './support/registry.ts';

// Graphs for other programs.

export { type EmitRequest, emitOnnx, type WeightSource } from './emit/emit.ts';
export type { ExternalData } from './emit/encode.ts';
export { NEWEST_OPSET, OPSETS, type Opset } from './onnx/opset.ts';
export type { EmitOptions } from './onnx/writer.ts';
