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
import { requireDtype } from './check.ts';
import { reshape } from './reshape.ts';

interface ShapeAttribute {
  readonly [key: string]: unknown;
  readonly shape: Shape;
}

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

/**
 * Repeats size-1 axes up to `shape`; the size of a repeated axis must be known.
 * @example
 * const rows = broadcastTo(input('bias', 'float32', [4]), [3, 4]);
 */
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

/**
 * Sum over `axes` (default: all of them).
 * @example
 * const perRow = sum(input('x', 'float32', ['n', 4]), [1]);
 */
export function sum(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  const list = (axes ?? x.shape.map((_, i) => i)).map((axis) => normalizeAxis(axis, x.shape.length));
  return list.length === 0 ? x : applyOne(sumPrimitive, [x], { axes: list.sort((a, b) => a - b), keepDims });
}

/**
 * Sums a tensor down to a shape that broadcasts to it: the gradient of broadcasting.
 * @example
 * const bias = sumTo(input('gradient', 'float32', [3, 4]), [4]);
 */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dim, i) => (i < lead || (shape[i - lead] === 1 && dim !== 1) ? [i] : []));
  return reshape(sum(x, axes, true), shape);
}
