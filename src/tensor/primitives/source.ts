import type { DType, NdArray } from '../ndarray.ts';
import { float32 } from '../ndarray.ts';
import type { Shape } from '../shape.ts';
import { applyOne, type Primitive, type Tensor } from '../tensor.ts';
import { requireInteger } from './check.ts';

interface InputAttributes {
  readonly [key: string]: unknown;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Writes nothing: the emitter declares graph inputs and initializers itself. */
export const inputPrimitive: Primitive<InputAttributes> = {
  name: 'input',
  infer(_inputs, { name, dtype, shape }) {
    if (name === '') throw new RangeError('needs a name');
    for (const dim of shape) {
      if (typeof dim === 'number') requireInteger(dim, `a dimension of ${name}`);
      else if (dim === '') throw new RangeError(`a dimension of ${name} needs a name`);
    }
    return [{ dtype, shape }];
  },
  emit() {},
};

interface ConstantAttributes {
  readonly [key: string]: unknown;
  readonly array: NdArray;
}

/** Handled by the emitter, which shares equal constants. */
export const constantPrimitive: Primitive<ConstantAttributes> = {
  name: 'constant',
  infer: (_inputs, { array }) => [{ dtype: array.dtype, shape: array.shape }],
  emit() {},
};

/**
 * A named value that is given when the graph runs, or baked in as a weight when it is compiled.
 * Parameters are inputs too; their name is the checkpoint's tensor name.
 * @example
 * const x = input('x', 'float32', ['batch', 768]);
 */
export const input = (name: string, dtype: DType, shape: Shape): Tensor =>
  applyOne(inputPrimitive, [], { name, dtype, shape });

/**
 * A value fixed in the graph.
 * @example
 * const two = constant(float32([], [2]));
 */
export const constant = (array: NdArray): Tensor => applyOne(constantPrimitive, [], { array });

/**
 * A float32 scalar constant.
 * @example
 * const half = mul(input('x', 'float32', ['n']), scalar(0.5));
 */
export const scalar = (value: number): Tensor => constant(float32([], [value]));
