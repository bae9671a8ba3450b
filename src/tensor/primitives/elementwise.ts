import type { DType } from '../ndarray.ts';
import type { OnnxWriter } from '../onnx/writer.ts';
import { broadcastShapes } from '../shape.ts';
import { applyOne, type Node, type Primitive, type Tensor } from '../tensor.ts';
import { requireDtype, requireSameDtype } from './check.ts';
import { sumTo } from './reduce.ts';
import { scalar } from './source.ts';

type None = Record<string, never>;

const FLOATS: readonly DType[] = ['float32', 'float16', 'bfloat16'];
const NUMBERS: readonly DType[] = [...FLOATS, 'int32', 'int64', 'uint8'];

/** A one-input float primitive; `derivative` gets x, y and dy and returns dx. */
function unary(
  name: string,
  emit: (writer: OnnxWriter, x: string, y: string | undefined) => void,
  derivative?: (x: Tensor, y: Tensor, dy: Tensor) => Tensor | undefined,
): (x: Tensor) => Tensor {
  const primitive: Primitive<None> = {
    name,
    storage: 'reused',
    infer([x]) {
      requireDtype([x!], 'float32');
      return [{ dtype: x!.dtype, shape: x!.shape }];
    },
    emit: (writer, [x], [y]) => emit(writer, x!, y),
    gradient: (node, [dy]) => [dy && derivative?.(node.inputs[0]!, node.outputs[0]!, dy)],
  };
  return (x) => applyOne(primitive, [x], {});
}

const direct = (opType: string) => (writer: OnnxWriter, x: string, y: string | undefined) => {
  writer.op(opType, [x], {}, y);
};

/** −x */
export const neg = unary('neg', direct('Neg'), (_x, _y, dy) => neg(dy));
/** eˣ */
export const exp = unary('exp', direct('Exp'), (_x, y, dy) => mul(dy, y));
/** ln x, x > 0 */
export const log = unary('log', direct('Log'), (x, _y, dy) => div(dy, x));
/** √x, x > 0 where a gradient is taken */
export const sqrt = unary('sqrt', direct('Sqrt'), (_x, y, dy) => div(mul(dy, scalar(0.5)), y));
/** tanh x */
export const tanh = unary('tanh', direct('Tanh'), (_x, y, dy) => mul(dy, sub(scalar(1), square(y))));
/**
 * 1/(1+e⁻ˣ), to full relative precision for negative x too. The runtime's Sigmoid is only absolutely accurate
 * (1 % off at x = −12), and the gradients of a trained loss's negatives are such values.
 */
export const sigmoid = unary(
  'sigmoid',
  (writer, x, y) => {
    const w = writer.op('Add', [writer.op('Exp', [writer.op('Neg', [x])]), writer.scalar(1)]);
    writer.op('Reciprocal', [w], {}, y);
  },
  (_x, y, dy) => mul(dy, sub(y, square(y))),
);
/** The runtime's own 1/(1+e⁻ˣ): one pass, but its error of 1e-7 is absolute. Where that is enough. */
export const fastSigmoid = unary('fastSigmoid', direct('Sigmoid'), (_x, y, dy) => mul(dy, sub(y, square(y))));
/** |x|; the gradient at 0 is 0 */
export const abs = unary('abs', direct('Abs'), (x, _y, dy) => mul(dy, sign(x)));
/** −1, 0 or 1 */
export const sign = unary('sign', direct('Sign'));
/** ⌊x⌋ */
export const floor = unary('floor', direct('Floor'));
/** x² */
export const square: (x: Tensor) => Tensor = unary(
  'square',
  (writer, x, y) => {
    writer.op('Mul', [x, x], {}, y);
  },
  (x, _y, dy) => mul(dy, mul(x, scalar(2))),
);
/**
 * ln(1+eˣ) = −log σ(−x) to full relative precision: max(x, 0) + log1p(u) with u = e^−|x|.
 * The runtime's Softplus rounds 1+u first, which is 6 % off at x = −16, where trained negatives lie; here that
 * rounding error is added back, log1p(u) = ln w − ((w − 1) − u)/w with w = 1+u.
 */
export const softplus = unary(
  'softplus',
  (writer, x, y) => {
    const one = writer.scalar(1);
    const u = writer.op('Exp', [writer.op('Neg', [writer.op('Abs', [x])])]);
    const w = writer.op('Add', [u, one]);
    const rounding = writer.op('Sub', [writer.op('Sub', [w, one]), u]);
    const log1p = writer.op('Sub', [writer.op('Log', [w]), writer.op('Div', [rounding, w])]);
    writer.op('Add', [writer.op('Max', [x, writer.scalar(0)]), log1p], {}, y);
  },
  (x, _y, dy) => mul(dy, sigmoid(x)),
);
/**
 * log σ(x) = −softplus(−x)
 * @example
 * const y = logSigmoid(input('x', 'float32', ['n']));
 */
export const logSigmoid = (x: Tensor): Tensor => neg(softplus(neg(x)));

type BinaryGradient = (a: Tensor, b: Tensor, y: Tensor, dy: Tensor) => readonly [() => Tensor, () => Tensor];

/** A broadcasting two-input primitive. `derivative` returns the two gradients before they are summed to their shapes. */
function binary(name: string, opType: string, derivative: BinaryGradient): (a: Tensor, b: Tensor) => Tensor {
  const primitive: Primitive<None> = {
    name,
    storage: 'reused',
    infer(inputs) {
      requireSameDtype(inputs);
      requireDtype(inputs, ...NUMBERS);
      const [a, b] = inputs;
      return [{ dtype: a!.dtype, shape: broadcastShapes(a!.shape, b!.shape) }];
    },
    emit(writer, inputs, [y]) {
      writer.op(opType, inputs, {}, y);
    },
    gradient(node: Node<None>, [dy]) {
      if (!dy) return [];
      const [a, b] = node.inputs;
      const [da, db] = derivative(a!, b!, node.outputs[0]!, dy);
      return [sumTo(da(), a!.shape), sumTo(db(), b!.shape)];
    },
  };
  return (a, b) => applyOne(primitive, [a, b], {});
}

/** a + b */
export const add = binary('add', 'Add', (_a, _b, _y, dy) => [() => dy, () => dy]);
/** a − b */
export const sub = binary('sub', 'Sub', (_a, _b, _y, dy) => [() => dy, () => neg(dy)]);
/** a · b */
export const mul: (a: Tensor, b: Tensor) => Tensor = binary('mul', 'Mul', (a, b, _y, dy) => [
  () => mul(dy, b),
  () => mul(dy, a),
]);
/** a / b */
export const div: (a: Tensor, b: Tensor) => Tensor = binary('div', 'Div', (_a, b, y, dy) => [
  () => div(dy, b),
  () => neg(div(mul(dy, y), b)),
]);
/** The larger of two. Where they are equal the gradient goes to `b`. */
export const maximum: (a: Tensor, b: Tensor) => Tensor = binary('maximum', 'Max', (a, b, _y, dy) => [
  () => where(greater(a, b), dy, scalar(0)),
  () => where(greater(a, b), scalar(0), dy),
]);

function comparison(name: string, opType: string): (a: Tensor, b: Tensor) => Tensor {
  const primitive: Primitive<None> = {
    name,
    infer(inputs) {
      requireSameDtype(inputs);
      return [{ dtype: 'bool', shape: broadcastShapes(inputs[0]!.shape, inputs[1]!.shape) }];
    },
    emit(writer, inputs, [y]) {
      writer.op(opType, inputs, {}, y);
    },
  };
  return (a, b) => applyOne(primitive, [a, b], {});
}

/** a > b, as bool */
export const greater = comparison('greater', 'Greater');
/** a = b, as bool */
export const equal = comparison('equal', 'Equal');

const wherePrimitive: Primitive<None> = {
  name: 'where',
  infer([condition, a, b]) {
    requireDtype([condition!], 'bool');
    requireSameDtype([a!, b!]);
    const shape = broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape));
    return [{ dtype: a!.dtype, shape }];
  },
  emit(writer, inputs, [y]) {
    writer.op('Where', inputs, {}, y);
  },
  gradient(node, [dy]) {
    if (!dy) return [];
    const [condition, a, b] = node.inputs;
    return [
      undefined,
      sumTo(where(condition!, dy, scalar(0)), a!.shape),
      sumTo(where(condition!, scalar(0), dy), b!.shape),
    ];
  },
};

/**
 * `a` where the condition holds, else `b`; all three broadcast.
 * @example
 * const x = input('x', 'float32', ['n', 4]);
 * const kept = where(input('mask', 'bool', ['n', 4]), x, scalar(0));
 */
export const where = (condition: Tensor, a: Tensor, b: Tensor): Tensor =>
  applyOne(wherePrimitive, [condition, a, b], {});

interface CastAttributes {
  readonly [key: string]: unknown;
  readonly dtype: DType;
}

const castPrimitive: Primitive<CastAttributes> = {
  name: 'cast',
  infer: ([x], { dtype }) => [{ dtype, shape: x!.shape }],
  emit(writer, [x], [y], node) {
    writer.cast(x!, node.attributes.dtype, y);
  },
  gradient(node, [dy]) {
    const { dtype } = node.inputs[0]!;
    return [dy && FLOATS.includes(dtype) && FLOATS.includes(dy.dtype) ? cast(dy, dtype) : undefined];
  },
};

/**
 * Converts to another dtype. No gradient flows through integers.
 * @example
 * const numbers = cast(input('ids', 'int32', ['n']), 'float32');
 */
export const cast = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : applyOne(castPrimitive, [x], { dtype });

const stopPrimitive: Primitive<None> = {
  name: 'stopGradient',
  storage: 'shared',
  infer: ([x]) => [x!],
  emit(writer, [x], [y]) {
    writer.op('Identity', [x!], {}, y);
  },
};

/**
 * The same value, as a constant for differentiation.
 * @example
 * const fixed = stopGradient(input('teacher', 'float32', ['n', 4]));
 */
export const stopGradient = (x: Tensor): Tensor => applyOne(stopPrimitive, [x], {});
