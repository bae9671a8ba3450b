import { normalizeAxis, staticDim } from '../shape.ts';
import { applyOne, type Primitive, type Tensor } from '../tensor.ts';
import { requireInteger, requireSameDtype } from './check.ts';

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

/**
 * Elements `start` to `end` (exclusive, non-negative) of one axis; all of them cost no copy.
 * @example
 * const first = slice(input('x', 'float32', ['n', 4]), 1, 0, 2);
 */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const normalized = normalizeAxis(axis, x.shape.length);
  if (start === 0 && end === x.shape[normalized]) return x;
  return applyOne(slicePrimitive, [x], { axis: normalized, start, end });
}

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
  emit(writer, [x], [y], node) {
    const { axis, before, after } = node.attributes;
    if (writer.options.opset < 18) {
      const sides = node.outputs[0]!.shape.map((_, i) => (i === axis ? 1 : 0));
      const pads = [...sides.map((own) => own * before), ...sides.map((own) => own * after)];
      writer.op('Pad', [x!, writer.ints(pads)], {}, y);
    } else writer.op('Pad', [x!, writer.ints([before, after]), '', writer.ints([axis])], {}, y);
  },
  gradient(node, [dy]) {
    const { axis, before } = node.attributes;
    return [dy && slice(dy, axis, before, before + staticDim(node.inputs[0]!.shape[axis]))];
  },
};

/**
 * Adds zeros before and after one axis.
 * @example
 * const wider = pad(input('x', 'float32', ['n', 4]), 1, 0, 2);
 */
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

/**
 * Joins one or more tensors along an existing axis of known size.
 * @example
 * const both = concat([input('a', 'float32', ['n', 4]), input('b', 'float32', ['n', 2])], 1);
 */
export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  if (inputs.length === 0) throw new RangeError('concat(): needs at least one tensor');
  return applyOne(concatPrimitive, inputs, { axis: normalizeAxis(axis, inputs[0]!.shape.length) });
}
