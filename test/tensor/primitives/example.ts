import fc from 'fast-check';
import type { DType, NdArray, Tensor } from '../../../src/tensor/index.ts';
import { float32, int32, ndarray } from '../../../src/tensor/index.ts';
import type { Reference } from '../../support/reference/array.ts';

/** An input of an example: its numbers as doubles, and the dtype in which the graph gets them. */
export interface Operand extends Reference {
  readonly dtype: DType;
}

/** One application of a primitive, in the graph and in the reference. */
export interface Example {
  readonly operands: readonly Operand[];
  apply(tensors: readonly Tensor[]): Tensor;
  reference(operands: readonly Reference[]): Reference;
}

/**
 * How a primitive is tested. `gradient`: compared with finite differences of the reference, or expected to be
 * zero because the primitive stops it by definition.
 */
export interface PrimitiveCase {
  readonly name: string;
  readonly example: fc.Arbitrary<Example>;
  readonly gradient: 'differences' | 'zero';
}

/** A case's example, described by its attributes and operands when fast-check reports it. */
export function example(attributes: Readonly<Record<string, unknown>>, parts: Example): Example {
  const operands = parts.operands.map(({ dtype, shape, data }) => `${dtype}[${shape}] = [${data}]`);
  return {
    ...parts,
    ...{ [fc.toStringMethod]: () => `${JSON.stringify(attributes)} ${operands.join('; ')}` },
  };
}

/** The operand as the graph takes it. */
export function toNdArray({ dtype, shape, data }: Operand): NdArray {
  switch (dtype) {
    case 'float32':
      return float32(shape, data);
    case 'int32':
      return int32(shape, data);
    case 'int64':
      return ndarray('int64', shape, BigInt64Array.from(data, BigInt));
    case 'bool':
    case 'uint8':
      return ndarray(dtype, shape, Uint8Array.from(data));
    default:
      throw new TypeError(`no test operands of ${dtype}`);
  }
}
