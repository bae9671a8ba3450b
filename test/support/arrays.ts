import { type Arrays, float32, type NdArray, type Session, sizeOf } from '../../src/tensor/index.ts';
import type { Random } from '../../src/tensor/random.ts';

/** Standard normal numbers. */
export const normals = (random: Random, shape: readonly number[]): NdArray<'float32'> =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );

/** Those arrays that the session's graph reads: a graph does not ask for what no output needs. */
export const readBy = ({ inputs }: Session, arrays: Arrays): Arrays =>
  Object.fromEntries(inputs.map(({ name }) => [name, arrays[name]!]));
