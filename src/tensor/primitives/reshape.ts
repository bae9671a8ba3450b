import { ndarray } from '../ndarray.ts';
import { reshapeTarget } from '../onnx/reshapeTarget.ts';
import { type Dim, formatShape, normalizeAxis, type Shape, sameShape } from '../shape.ts';
import { applyOne, type Primitive, type Tensor } from '../tensor.ts';
import { requireInteger } from './check.ts';

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
  storage: 'shared',
  infer([x], { shape }) {
    const from = x!.shape;
    for (const dim of shape) if (typeof dim === 'number') requireInteger(dim, 'a dimension');
    if (symbolicSize(from) !== symbolicSize(shape)) {
      throw new RangeError(`cannot reshape ${formatShape(from)} to ${formatShape(shape)}`);
    }
    reshapeTarget(from, shape);
    return [{ dtype: x!.dtype, shape }];
  },
  emit(writer, [x], [y], node) {
    const target = reshapeTarget(node.inputs[0]!.shape, node.attributes.shape);
    writer.op('Reshape', [x!, writer.ints(target)], {}, y);
  },
  gradient: (node, [dy]) => [dy && reshape(dy, node.inputs[0]!.shape)],
};

/**
 * The same elements in another shape. A symbolic dimension may be merged with numbers by naming the
 * product (`batch*196`). Of several symbolic dimensions all but one have to stay at their axis.
 * @example
 * const y = reshape(input('x', 'float32', [6]), [2, 3]);
 */
export const reshape = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : applyOne(reshapePrimitive, [x], { shape });

/**
 * The dimension that merges the given ones, for {@link reshape}.
 * @example
 * console.log(mergeDims(2, 3)); // 6
 */
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

/**
 * Reorders axes: output axis i is input axis `permutation[i]`.
 * @example
 * const y = transpose(input('x', 'float32', ['n', 3, 4]), [0, 2, 1]);
 */
export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  applyOne(transposePrimitive, [x], { permutation });

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

/**
 * 0, 1, 2, … as int64, as many as `x` has elements along `axis`, known or symbolic.
 * @example
 * const columns = iota(input('x', 'float32', ['n', 4]), 1);
 */
export const iota = (x: Tensor, axis: number): Tensor =>
  applyOne(iotaPrimitive, [x], { axis: normalizeAxis(axis, x.shape.length) });
