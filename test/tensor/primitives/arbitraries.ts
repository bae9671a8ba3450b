import fc from 'fast-check';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../support/reference/array.ts';
import type { Operand } from './example.ts';

/** Axis sizes: small, and 1 often enough to meet every special case of broadcasting. */
export const dim = fc.integer({ min: 1, max: 4 });

/** A shape with `min` to `max` axes. */
export const shape = (min = 0, max = 4): fc.Arbitrary<number[]> =>
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 2, max: 3 }) },
      { weight: 1, arbitrary: fc.constant(1) },
    ),
    {
      minLength: min,
      maxLength: max,
      size: 'max',
    },
  );

/** `count` shapes that broadcast with each other: leading axes missing, axes of size 1, on any side. */
export const broadcastable = (count: number, max = 4): fc.Arbitrary<number[][]> =>
  shape(0, max).chain((full) =>
    fc.tuple(
      ...Array.from({ length: count }, () =>
        fc
          .tuple(
            fc.integer({ min: 0, max: full.length }),
            fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
          )
          .map(([dropped, ones]) => full.map((n, i) => (ones[i] ? 1 : n)).slice(ones[3] ? dropped : 0)),
      ),
    ),
  );

/** How the numbers of an operand are drawn. */
export type Draw = (random: ReturnType<typeof createRandom>) => number;

/** Uniform in ±2. */
export const around: Draw = (random) => random.uniform(-2, 2);
/** Uniform in 0.3 … 3, for logarithms and roots. */
export const positive: Draw = (random) => random.uniform(0.3, 3);
/** ±(0.5 … 2), for divisors. */
export const awayFromZero: Draw = (random) => random.uniform(0.5, 2) * (random.int(2) === 0 ? -1 : 1);
/** Odd multiples of 1/16: no integer, not 0, and never equal to a value of {@link eighths}. */
export const oddSixteenths: Draw = (random) => (2 * random.int(32) - 31) / 16;
/** Multiples of 1/8 in ±2. */
export const eighths: Draw = (random) => (random.int(33) - 16) / 8;
/** −1, 0 or 1: many ties. */
export const ties: Draw = (random) => random.int(3) - 1;
/** 0 or 1. */
export const bits: Draw = (random) => random.int(2);
/** Row numbers below `rows`: repeats are frequent. */
export const ids =
  (rows: number): Draw =>
  (random) =>
    random.int(rows);

/** The seed of an example's numbers; shrinking the shapes is what helps a reader. */
export const seed = fc.noShrink(fc.nat());

/** An operand of a shape; float32 numbers are rounded first, so that both sides see the same values. */
export function operand(
  seedValue: number,
  label: string,
  dims: readonly number[],
  draw: Draw = around,
  dtype: Operand['dtype'] = 'float32',
): Operand {
  const random = createRandom(seedValue, label);
  const data = Float64Array.from({ length: sizeOf(dims) }, () => Math.fround(draw(random)));
  return { dtype, shape: dims, data };
}
