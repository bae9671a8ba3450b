import type { DType } from '../ndarray.ts';
import { type Dim, formatShape, type Shape, sameShape } from '../shape.ts';
import type { Tensor, TensorType } from '../tensor.ts';

/** @throws TypeError when an input has another dtype. */
export function requireDtype(types: readonly (TensorType | undefined)[], ...allowed: readonly DType[]): void {
  const odd = types.find((type) => type && !allowed.includes(type.dtype));
  if (odd) throw new TypeError(`needs ${allowed.join(' or ')}, got ${odd.dtype}`);
}

/** @throws TypeError when two inputs have different dtypes. */
export function requireSameDtype([first, ...rest]: readonly TensorType[]): void {
  const odd = rest.find((type) => type.dtype !== first!.dtype);
  if (odd) throw new TypeError(`dtypes differ: ${first!.dtype} and ${odd.dtype}`);
}

/** The last dimension. @throws RangeError for a scalar. */
export function lastDim({ shape }: TensorType): Dim {
  const dim = shape.at(-1);
  if (dim === undefined) throw new RangeError('needs at least 1 axis, got a scalar');
  return dim;
}

/** @throws RangeError when a shape is not the expected one. */
export function requireShape(type: TensorType, expected: Shape, what: string): void {
  if (!sameShape(type.shape, expected)) {
    throw new RangeError(`${what} must be ${formatShape(expected)}, got ${formatShape(type.shape)}`);
  }
}

/** @throws RangeError when a size or position is no integer of at least `least`. */
export function requireInteger(value: number, what: string, least = 0): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${what} must be an integer of at least ${least}, got ${value}`);
  }
}

/**
 * For primitives whose extra outputs only serve their own gradient: that gradient treats them as constants, so
 * differentiating it again would silently leave terms out.
 * @throws TypeError when a gradient arrives at an extra output.
 */
export function refuseSecondDerivative(name: string, extra: readonly (Tensor | undefined)[]): void {
  if (extra.some((gradient) => gradient !== undefined)) {
    throw new TypeError(`${name} has no second derivative`);
  }
}
