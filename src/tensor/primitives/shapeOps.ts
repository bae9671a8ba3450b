import { ndarray } from '../ndarray.ts';
import {
  broadcastShapes,
  type Dim,
  formatShape,
  normalizeAxis,
  type Shape,
  sameShape,
  staticDim,
} from '../shape.ts';
import { applyOne, type Primitive, type Tensor } from '../tensor.ts';
import { requireDtype, requireInteger, requireSameDtype } from './check.ts';
import { mul } from './elementwise.ts';
import { scalar } from './source.ts';

const product = (dims: Shape): number =>
  dims.reduce<number>((total, dim) => total * (typeof dim === 'number' ? dim : 1), 1);
const symbols = (dims: Shape): string[] => dims.filter((dim) => typeof dim === 'string');

/** The size of a shape as text in which equal sizes read equally, e.g. `196*batch` for [batch, 196]. */
function symbolicSize(shape: Shape): string {
  const factors = shape.flatMap((dim) => String(dim).split('*'));
  const numbers = factors.filter((factor) => /^\d+$/.test(factor));
  const names = factors.filter((factor) => !/^\d+$/.test(factor)).sort();
  return [numbers.reduce((total, factor) => total * Number(factor), 1), ...names].join('*');
}

interface ShapeAttribute {
  readonly [key: string]: unknown;
  readonly shape: Shape;
}

const reshapePrimitive: Primitive<ShapeAttribute> = {
  name: 'reshape',
  infer([x], { shape }) {
    const from = x!.shape;
    for (const dim of shape) if (typeof dim === 'number') requireInteger(dim, 'a dimension');
    if (symbols(shape).length > 1)
      throw new RangeError(`at most one symbolic dimension, got ${formatShape(shape)}`);
    if (symbolicSize(from) !== symbolicSize(shape)) {
      throw new RangeError(`cannot reshape ${formatShape(from)} to ${formatShape(shape)}`);
    }
    return [{ dtype: x!.dtype, shape }];
  },
  emit(writer, [x], [y], node) {
    const target = node.attributes.shape.map((dim) => (typeof dim === 'number' ? dim : -1));
    writer.op('Reshape', [x!, writer.ints(target)], {}, y);
  },
  gradient: (node, [dy]) => [dy && reshape(dy, node.inputs[0]!.shape)],
};

/**
 * The same elements in another shape. A symbolic dimension may be merged with numbers by naming the
 * product (`batch*196`); at most one dimension of the result is symbolic.
 */
export const reshape = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : applyOne(reshapePrimitive, [x], { shape });

/** The dimension that merges the given ones, for {@link reshape}. */
export function mergeDims(...dims: Dim[]): Dim {
  const names = symbols(dims);
  if (names.length === 0) return product(dims);
  const factor = product(dims);
  return factor === 1 ? names.join('*') : `${names.join('*')}*${factor}`;
}

interface PermutationAttribute {
  readonly [key: string]: unknown;
  readonly permutation: readonly number[];
}

const transposePrimitive: Primitive<PermutationAttribute> = {
  name: 'transpose',
  infer([x], { permutation }) {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (permutation.length !== x!.shape.length || sorted.some((axis, i) => axis !== i)) {
      throw new RangeError(`permutation [${permutation.join(', ')}] does not fit rank ${x!.shape.length}`);
    }
    return [{ dtype: x!.dtype, shape: permutation.map((axis) => x!.shape[axis]!) }];
  },
  emit(writer, [x], [y], node) {
    writer.op('Transpose', [x!], { perm: node.attributes.permutation }, y);
  },
  gradient(node, [dy]) {
    const inverse = node.attributes.permutation.map((_, i) => node.attributes.permutation.indexOf(i));
    return [dy && transpose(dy, inverse)];
  },
};

/** Reorders axes: output axis i is input axis `permutation[i]`. */
export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  applyOne(transposePrimitive, [x], { permutation });

/** The target of a broadcast, with 1 for symbolic axes that stay as they are. @throws when one is repeated. */
const repeats = (from: Shape, to: Shape): number[] =>
  to.map((dim, i) =>
    dim === from[i - to.length + from.length] ? 1 : staticDim(dim, 'the size of a repeated axis'),
  );

const broadcastPrimitive: Primitive<ShapeAttribute> = {
  name: 'broadcastTo',
  infer([x], { shape }) {
    if (!sameShape(broadcastShapes(x!.shape, shape), shape)) {
      throw new RangeError(`${formatShape(x!.shape)} does not broadcast to ${formatShape(shape)}`);
    }
    repeats(x!.shape, shape);
    return [{ dtype: x!.dtype, shape }];
  },
  emit(writer, [x], [y], node) {
    writer.op('Expand', [x!, writer.ints(repeats(node.inputs[0]!.shape, node.attributes.shape))], {}, y);
  },
  gradient: (node, [dy]) => [dy && sumTo(dy, node.inputs[0]!.shape)],
};

/** Repeats size-1 axes up to `shape`; the size of a repeated axis must be known. */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : applyOne(broadcastPrimitive, [x], { shape });

interface SumAttributes {
  readonly [key: string]: unknown;
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

const reducedShape = (shape: Shape, axes: readonly number[], keepDims: boolean): Dim[] =>
  shape.flatMap<Dim>((dim, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [dim]));

const sumPrimitive: Primitive<SumAttributes> = {
  name: 'sum',
  infer([x], { axes, keepDims }) {
    requireDtype([x], 'float32', 'int32', 'int64');
    if (new Set(axes).size < axes.length) throw new RangeError(`axes [${axes.join(', ')}] repeat`);
    return [{ dtype: x!.dtype, shape: reducedShape(x!.shape, axes, keepDims) }];
  },
  emit(writer, [x], [y], node) {
    const { axes, keepDims } = node.attributes;
    writer.op('ReduceSum', [x!, writer.ints(axes)], { keepdims: keepDims ? 1 : 0 }, y);
  },
  gradient(node, [dy]) {
    const { shape } = node.inputs[0]!;
    return [dy && broadcastTo(reshape(dy, reducedShape(shape, node.attributes.axes, true)), shape)];
  },
};

/** Sum over `axes` (default: all of them). */
export function sum(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const list = (axes ?? x.shape.map((_, i) => i)).map((axis) => normalizeAxis(axis, x.shape.length));
  return list.length === 0 ? x : applyOne(sumPrimitive, [x], { axes: list.sort((a, b) => a - b), keepDims });
}

const sumSquaresPrimitive: Primitive<Record<string, never>> = {
  name: 'sumSquares',
  infer([x]) {
    requireDtype([x], 'float32');
    return [{ dtype: x!.dtype, shape: [] }];
  },
  emit(writer, [x], [y]) {
    writer.op('ReduceSumSquare', [x!], { keepdims: 0 }, y);
  },
  gradient: (node, [dy]) => [dy && mul(node.inputs[0]!, mul(dy, scalar(2)))],
};

/** Σ x² over all elements, in one pass over memory. */
export const sumSquares = (x: Tensor): Tensor => applyOne(sumSquaresPrimitive, [x], {});

/** Sums a tensor down to a shape that broadcasts to it: the gradient of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dim, i) => (i < lead || (shape[i - lead] === 1 && dim !== 1) ? [i] : []));
  return reshape(sum(x, axes, true), shape);
}

interface SliceAttributes {
  readonly [key: string]: unknown;
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

const slicePrimitive: Primitive<SliceAttributes> = {
  name: 'slice',
  infer([x], { axis, start, end }) {
    const dim = x!.shape[axis]!;
    requireInteger(start, 'start');
    requireInteger(end, 'end');
    if (end <= start || (typeof dim === 'number' && end > dim)) {
      throw new RangeError(`range ${start}..${end} is outside axis ${axis} of size ${dim}`);
    }
    return [{ dtype: x!.dtype, shape: x!.shape.map((size, i) => (i === axis ? end - start : size)) }];
  },
  emit(writer, [x], [y], { attributes: { axis, start, end } }) {
    writer.op('Slice', [x!, writer.ints([start]), writer.ints([end]), writer.ints([axis])], {}, y);
  },
  gradient(node, [dy]) {
    const { axis, start, end } = node.attributes;
    const size = staticDim(node.inputs[0]!.shape[axis], 'a sliced axis');
    return [dy && pad(dy, axis, start, size - end)];
  },
};

/** Elements `start` to `end` (exclusive, non-negative) of one axis. */
export const slice = (x: Tensor, axis: number, start: number, end: number): Tensor =>
  applyOne(slicePrimitive, [x], { axis: normalizeAxis(axis, x.shape.length), start, end });

interface PadAttributes {
  readonly [key: string]: unknown;
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

const padPrimitive: Primitive<PadAttributes> = {
  name: 'pad',
  infer([x], { axis, before, after }) {
    requireInteger(before, 'before');
    requireInteger(after, 'after');
    const padded = staticDim(x!.shape[axis], 'a padded axis') + before + after;
    return [{ dtype: x!.dtype, shape: x!.shape.map((size, i) => (i === axis ? padded : size)) }];
  },
  emit(writer, [x], [y], { attributes: { axis, before, after } }) {
    writer.op('Pad', [x!, writer.ints([before, after]), '', writer.ints([axis])], {}, y);
  },
  gradient(node, [dy]) {
    const { axis, before } = node.attributes;
    return [dy && slice(dy, axis, before, before + staticDim(node.inputs[0]!.shape[axis]))];
  },
};

/** Adds zeros before and after one axis. */
export const pad = (x: Tensor, axis: number, before: number, after: number): Tensor =>
  before === 0 && after === 0
    ? x
    : applyOne(padPrimitive, [x], { axis: normalizeAxis(axis, x.shape.length), before, after });

interface ConcatAttributes {
  readonly [key: string]: unknown;
  readonly axis: number;
}

const concatPrimitive: Primitive<ConcatAttributes> = {
  name: 'concat',
  infer(inputs, { axis }) {
    requireSameDtype(inputs);
    const first = inputs[0]!;
    for (const x of inputs) {
      if (
        x.shape.length !== first.shape.length ||
        x.shape.some((dim, i) => i !== axis && dim !== first.shape[i])
      ) {
        throw new RangeError(`shapes may differ along axis ${axis} only`);
      }
    }
    const size = inputs.reduce((total, x) => total + staticDim(x.shape[axis], 'a concatenated axis'), 0);
    const shape = first.shape.map((dim, i) => (i === axis ? size : dim));
    return [{ dtype: first.dtype, shape }];
  },
  emit(writer, inputs, [y], node) {
    writer.op('Concat', inputs, { axis: node.attributes.axis }, y);
  },
  gradient(node, [dy]) {
    let start = 0;
    return node.inputs.map((x) => {
      const end = start + staticDim(x.shape[node.attributes.axis]);
      const part = dy && slice(dy, node.attributes.axis, start, end);
      start = end;
      return part;
    });
  },
};

/** Joins one or more tensors along an existing axis of known size. */
export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  if (inputs.length === 0) throw new RangeError('concat(): needs at least one tensor');
  return applyOne(concatPrimitive, inputs, { axis: normalizeAxis(axis, inputs[0]!.shape.length) });
}

interface AxisAttribute {
  readonly [key: string]: unknown;
  readonly axis: number;
}

const iotaPrimitive: Primitive<AxisAttribute> = {
  name: 'iota',
  infer: ([x], { axis }) => [{ dtype: 'int64', shape: [x!.shape[axis]!] }],
  emit(writer, [x], [y], node) {
    const { axis } = node.attributes;
    const int = (value: number) => writer.constant(ndarray('int64', [], BigInt64Array.of(BigInt(value))));
    const shape = writer.op('Shape', [x!], { start: axis, end: axis + 1 });
    const limit = writer.op('Squeeze', [shape]);
    writer.op('Range', [int(0), limit, int(1)], {}, y);
  },
};

/** 0, 1, 2, … as int64, as many as `x` has elements along `axis`, known or symbolic. */
export const iota = (x: Tensor, axis: number): Tensor =>
  applyOne(iotaPrimitive, [x], { axis: normalizeAxis(axis, x.shape.length) });
