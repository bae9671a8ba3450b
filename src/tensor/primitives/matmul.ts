import type { OnnxWriter } from '../onnx/writer.ts';
import { broadcastShapes, type Dim, formatShape, type Shape, staticDim, staticShape } from '../shape.ts';
import { applyOne, type Node, type Primitive, type Tensor } from '../tensor.ts';
import { requireDtype, requireShape } from './check.ts';
import { sum, sumTo } from './reduce.ts';
import { mergeDims, reshape } from './reshape.ts';

/** What is done with the factors, and with the product. */
export interface MatmulOptions {
  /** Transpose the last two axes of `a`. */
  readonly transA?: boolean;
  /** Transpose the last two axes of `b`. */
  readonly transB?: boolean;
  /** Scales the product. Default 1. */
  readonly alpha?: number;
}

interface MatmulAttributes {
  readonly [key: string]: unknown;
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
}

const matrixOf = (shape: readonly Dim[], transposed: boolean): readonly [Dim, Dim] => {
  if (shape.length < 2) throw new RangeError(`needs at least 2 axes, got ${formatShape(shape)}`);
  const [rows, columns] = shape.slice(-2) as [Dim, Dim];
  return transposed ? [columns, rows] : [rows, columns];
};

function transposeLast(writer: OnnxWriter, x: string, rank: number): string {
  const permutation = Array.from({ length: rank }, (_, i) => i);
  [permutation[rank - 1], permutation[rank - 2]] = [rank - 2, rank - 1];
  return writer.op('Transpose', [x], { perm: permutation });
}

/** How often an operand is repeated along each axis of the result: 1 where it has the axis itself, and along its matrix. */
function repetitions({ shape }: Tensor, result: Tensor): Dim[] {
  const batch = result.shape.slice(0, -2);
  const own = shape.slice(0, -2);
  const padded = [...batch.slice(own.length).map(() => 1), ...own];
  return [...batch.map((dim, axis) => (dim === padded[axis] ? 1 : dim)), 1, 1];
}

/**
 * The factors of a product that repeats each of them, as in [3, 1, …] × [1, 2, …], with one of them written out:
 * runtime 1.30 multiplies wrong pairs there on CUDA. (The other devices and exports have the same form: it is rare.)
 */
function withOneRepeated(
  writer: OnnxWriter,
  factors: readonly string[],
  { inputs, outputs }: Node<MatmulAttributes>,
): readonly string[] {
  const times = inputs.map((x) => repetitions(x, outputs[0]!));
  if (times.some((dims) => dims.every((dim) => dim === 1))) return factors;
  // Where neither's sizes are known, the first one's are asked for, and the error says so.
  const chosen = Math.max(
    times.findIndex((dims) => dims.every((dim) => typeof dim === 'number')),
    0,
  );
  const shape = writer.ints(staticShape(times[chosen]!));
  return factors.map((x, i) => (i === chosen ? writer.op('Expand', [x, shape]) : x));
}

/** aᵀ·b of two matrices: what a layer's weight gradient is. */
const isWeightGradient = ({ inputs, attributes: { transA, transB, alpha } }: Node<MatmulAttributes>) =>
  transA && !transB && alpha === 1 && inputs.every(({ shape }) => shape.length === 2);

/**
 * aᵀ·b without a transposed left operand, which the CPU's product would turn round once for every 128 columns of b: the
 * narrower operand is turned once, and the result where that was b.
 */
function emitTurned(
  writer: OnnxWriter,
  a: string,
  b: string,
  y: string | undefined,
  { inputs }: Node<MatmulAttributes>,
): void {
  const [rows, columns] = inputs.map(({ shape }) => shape[1]) as [Dim, Dim];
  if (typeof rows !== 'number' || typeof columns !== 'number' || rows <= columns) {
    writer.op('MatMul', [transposeLast(writer, a, 2), b], {}, y);
  } else {
    const turned = writer.op('MatMul', [transposeLast(writer, b, 2), a]);
    writer.op('Transpose', [turned], { perm: [1, 0] }, y);
  }
}

const matmulPrimitive: Primitive<MatmulAttributes> = {
  name: 'matmul',
  infer([a, b], { transA, transB }) {
    requireDtype([a, b], 'float32');
    const [m, k] = matrixOf(a!.shape, transA);
    const [k2, n] = matrixOf(b!.shape, transB);
    if (k !== k2) throw new RangeError(`inner sizes ${k} and ${k2} differ`);
    const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return [{ dtype: a!.dtype, shape: [...batch, m, n] }];
  },
  emit(writer, given, [y], node) {
    const { transA, transB, alpha } = node.attributes;
    const [a, b] = writer.options.cpuForms ? given : withOneRepeated(writer, given, node);
    if (!transA && !transB && alpha === 1) {
      writer.op('MatMul', [a!, b!], {}, y);
    } else if (writer.options.cpuForms && isWeightGradient(node)) {
      emitTurned(writer, a!, b!, y, node);
    } else if (writer.options.fused) {
      const flags = { transA: transA ? 1 : 0, transB: transB ? 1 : 0, alpha: { float: alpha } };
      writer.contrib('FusedMatMul', [a!, b!], flags, y);
    } else {
      const rank = (i: 0 | 1, x: string) =>
        (x === given[i] ? node.inputs[i]! : node.outputs[0]!).shape.length;
      const factors = [
        transA ? transposeLast(writer, a!, rank(0, a!)) : a!,
        transB ? transposeLast(writer, b!, rank(1, b!)) : b!,
      ];
      if (alpha === 1) writer.op('MatMul', factors, {}, y);
      else writer.op('Mul', [writer.op('MatMul', factors), writer.scalar(alpha)], {}, y);
    }
  },
  gradient(node, [dy]) {
    if (!dy) return [];
    const [a, b] = node.inputs as [Tensor, Tensor];
    const { transA, transB, alpha } = node.attributes;
    const da = transA
      ? matmul(b, dy, { transA: transB, transB: true, alpha })
      : matmul(dy, b, { transB: !transB, alpha });
    return [sumTo(da, a.shape), rightGradient(a, b, dy, node.attributes)];
  },
};

function rightGradient(
  a: Tensor,
  b: Tensor,
  dy: Tensor,
  { transA, transB, alpha }: MatmulAttributes,
): Tensor {
  // One large product instead of a batch of small ones and a sum.
  const flat = b.shape.length === 2 && a.shape.length > 2 && !transA;
  const left = flat ? flatten(a) : a;
  const dOut = flat ? flatten(dy) : dy;
  const db = transB
    ? matmul(dOut, left, { transA: true, transB: transA, alpha })
    : matmul(left, dOut, { transA: !transA, alpha });
  return sumTo(db, b.shape);
}

const flatten = (x: Tensor): Tensor => reshape(x, [mergeDims(...x.shape.slice(0, -1)), x.shape.at(-1)!]);

/**
 * Matrix product of the last two axes, `alpha · op(a) · op(b)`; leading axes broadcast.
 * @example
 * const similarity = matmul(input('a', 'float32', ['m', 8]), input('b', 'float32', ['n', 8]), { transB: true });
 */
export const matmul = (a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor =>
  applyOne(matmulPrimitive, [a, b], {
    transA: options.transA ?? false,
    transB: options.transB ?? false,
    alpha: options.alpha ?? 1,
  });

/** For the CPU, whose Gemm first fills the result with the bias on one thread. */
function emitBiasApart(
  writer: OnnxWriter,
  x: string,
  weight: string,
  bias: string | undefined,
  y: string | undefined,
): void {
  const attributes = { transB: 1, alpha: { float: 1 } };
  if (!bias) {
    writer.contrib('FusedMatMul', [x, weight], attributes, y);
    return;
  }
  const product = writer.contrib('FusedMatMul', [x, weight], attributes);
  // Where a GELU alone reads the sum, the runtime lets its kernel add the bias.
  writer.biased.set(writer.op('Add', [product, bias], {}, y), { product, bias });
}

/** The shape of a product whose rows were flattened: known, or with the leading axes that `x` has when the graph runs. */
function unflattened(writer: OnnxWriter, x: string, shape: Shape): string {
  if (shape.filter((dim) => typeof dim === 'string').length < 2)
    return writer.ints(shape.map((dim) => (typeof dim === 'number' ? dim : -1)));
  const leading = writer.op('Shape', [x], { start: 0, end: -1 });
  return writer.op('Concat', [leading, writer.ints([staticDim(shape.at(-1))])], { axis: 0 });
}

const linearPrimitive: Primitive<Record<string, never>> = {
  name: 'linear',
  infer([x, weight, bias]) {
    requireDtype([x, weight, bias], 'float32');
    const [out, size] = weight!.shape;
    if (weight!.shape.length !== 2 || x!.shape.length === 0 || x!.shape.at(-1) !== size) {
      throw new RangeError('needs x [..., in] and weight [out, in]');
    }
    if (bias) requireShape(bias, [out!], 'bias');
    return [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, -1), out!] }];
  },
  emit(writer, [x, weight, bias], [y], node) {
    const { shape } = node.outputs[0]!;
    if (writer.options.fused && writer.options.cpuForms && shape.length > 2) {
      emitBiasApart(writer, x!, weight!, bias, y);
      return;
    }
    const inputs = bias ? [x!, weight!, bias] : [x!, weight!];
    if (shape.length === 2) {
      writer.op('Gemm', inputs, { transB: 1 }, y);
      return;
    }
    const size = node.inputs[0]!.shape.at(-1) as number;
    inputs[0] = writer.op('Reshape', [x!, writer.ints([-1, size])]);
    const flat = writer.op('Gemm', inputs, { transB: 1 });
    writer.op('Reshape', [flat, unflattened(writer, x!, shape)], {}, y);
  },
  gradient(node, [dy]) {
    if (!dy) return [];
    const [x, weight, bias] = node.inputs;
    const dOut = flatten(dy);
    return [matmul(dy, weight!), matmul(dOut, flatten(x!), { transA: true }), bias && sum(dOut, [0])];
  },
};

/**
 * x · weightᵀ + bias, with the weight stored [out, in] as in checkpoints. x: [..., in] → [..., out].
 * @example
 * const y = linear(input('x', 'float32', ['n', 8]), input('weight', 'float32', [4, 8]), input('bias', 'float32', [4]));
 */
export const linear = (x: Tensor, weight: Tensor, bias?: Tensor): Tensor =>
  applyOne(linearPrimitive, bias ? [x, weight, bias] : [x, weight], {});
