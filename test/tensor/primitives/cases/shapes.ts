import fc from 'fast-check';
import * as t from '../../../../src/tensor/index.ts';
import { sizeOf, tabulate } from '../../../support/reference/array.ts';
import { zip } from '../../../support/reference/elementwise.ts';
import * as reference from '../../../support/reference/shapes.ts';
import { broadcastable, dim, operand, seed, shape } from '../arbitraries.ts';
import { type Example, example, type PrimitiveCase } from '../example.ts';

const differences = (name: string, arbitrary: fc.Arbitrary<Example>): PrimitiveCase => ({
  name,
  gradient: 'differences',
  example: arbitrary,
});

/** A shape with the same number of elements: some neighbouring axes merged, and ones inserted. */
const sameSize = (dims: readonly number[]): fc.Arbitrary<number[]> =>
  fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }).map((choices) => {
    const merged: number[] = [];
    dims.forEach((n, i) => {
      if (choices[i] && merged.length > 0) merged.push(merged.pop()! * n);
      else merged.push(n);
    });
    return choices[4] ? [1, ...merged] : merged;
  });

const reshape = shape().chain((dims) =>
  fc.tuple(sameSize(dims), seed).map(([target, s]) =>
    example(
      { target },
      {
        operands: [operand(s, 'x', dims)],
        apply: ([x]) => t.reshape(x!, target),
        reference: ([x]) => reference.reshape(x!, target),
      },
    ),
  ),
);

const transpose = shape().chain((dims) =>
  fc
    .tuple(
      fc.shuffledSubarray(
        dims.map((_, i) => i),
        { minLength: dims.length, maxLength: dims.length },
      ),
      seed,
    )
    .map(([permutation, s]) =>
      example(
        { permutation },
        {
          operands: [operand(s, 'x', dims)],
          apply: ([x]) => t.transpose(x!, permutation),
          reference: ([x]) => reference.transpose(x!, permutation),
        },
      ),
    ),
);

const full = (shapes: readonly (readonly number[])[]): number[] => [
  ...zip(
    shapes.map((dims) => operand(0, '', dims)),
    () => 0,
  ).shape,
];

const broadcastTo = fc.tuple(broadcastable(2), seed).map(([shapes, s]) => {
  const target = full(shapes);
  return example(
    { target },
    {
      operands: [operand(s, 'x', shapes[0]!)],
      apply: ([x]) => t.broadcastTo(x!, target),
      reference: ([x]) => zip([x!, operand(0, '', target)], (a = 0) => a),
    },
  );
});

const sumTo = fc.tuple(broadcastable(2), seed).map(([shapes, s]) => {
  const from = full(shapes);
  const target = shapes[0]!;
  return example(
    { target },
    {
      operands: [operand(s, 'x', from)],
      apply: ([x]) => t.sumTo(x!, target),
      reference: ([x]) => reference.sumTo(x!, target),
    },
  );
});

const sum = shape().chain((dims) =>
  fc
    .tuple(fc.option(fc.subarray(dims.map((_, i) => i))), fc.boolean(), fc.boolean(), seed)
    .map(([axes, negative, keepDims, s]) => {
      const all = axes ?? dims.map((_, i) => i);
      const given = axes?.map((axis) => (negative ? axis - dims.length : axis));
      return example(
        { axes: given, keepDims },
        {
          operands: [operand(s, 'x', dims)],
          apply: ([x]) => t.sum(x!, given, keepDims),
          reference: ([x]) => reference.sum(x!, all, keepDims),
        },
      );
    }),
);

const sumSquares = fc.tuple(shape(), seed).map(([dims, s]) =>
  example(
    {},
    {
      operands: [operand(s, 'x', dims)],
      apply: ([x]) => t.sumSquares(x!),
      reference: ([x]) =>
        reference.sumTo(
          zip([x!, x!], (a = 0, b = 0) => a * b),
          [],
        ),
    },
  ),
);

/** A shape and one of its axes. */
const axisOf = shape(1).chain((dims) => fc.tuple(fc.constant(dims), fc.nat({ max: dims.length - 1 })));

const slice = axisOf.chain(([dims, axis]) =>
  fc
    .tuple(fc.nat({ max: dims[axis]! - 1 }), fc.nat({ max: dims[axis]! - 1 }), fc.boolean(), seed)
    .map(([a, b, negative, s]) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b) + 1];
      const given = negative ? axis - dims.length : axis;
      return example(
        { axis: given, start, end },
        {
          operands: [operand(s, 'x', dims)],
          apply: ([x]) => t.slice(x!, given, start, end),
          reference: ([x]) => reference.slice(x!, axis, start, end),
        },
      );
    }),
);

const pad = fc
  .tuple(axisOf, fc.nat({ max: 2 }), fc.nat({ max: 2 }), seed)
  .map(([[dims, axis], before, after, s]) =>
    example(
      { axis, before, after },
      {
        operands: [operand(s, 'x', dims)],
        apply: ([x]) => t.pad(x!, axis, before, after),
        reference: ([x]) => reference.pad(x!, axis, before, after),
      },
    ),
  );

const concat = fc
  .tuple(axisOf, fc.array(dim, { minLength: 1, maxLength: 3 }), seed)
  .map(([[dims, axis], sizes, s]) =>
    example(
      { axis },
      {
        operands: sizes.map((n, i) =>
          operand(
            s,
            `x${i}`,
            dims.map((size, d) => (d === axis ? n : size)),
          ),
        ),
        apply: (tensors) => t.concat(tensors, axis),
        reference: (operands) => reference.concat(operands, axis),
      },
    ),
  );

const iota = fc.tuple(axisOf, seed).map(([[dims, axis], s]) =>
  example(
    { axis },
    {
      operands: [operand(s, 'x', dims)],
      apply: ([x]) => t.iota(x!, axis),
      reference: () => tabulate([dims[axis]!], ([i]) => i!),
    },
  ),
);

const mergeDims = shape(1).chain((dims) =>
  seed.map((s) =>
    example(
      {},
      {
        operands: [operand(s, 'x', dims)],
        apply: ([x]) => t.reshape(x!, [t.mergeDims(...x!.shape)]),
        reference: ([x]) => reference.reshape(x!, [sizeOf(dims)]),
      },
    ),
  ),
);

export const shapeCases: readonly PrimitiveCase[] = [
  differences('reshape', reshape),
  differences('transpose', transpose),
  differences('broadcastTo', broadcastTo),
  differences('sumTo', sumTo),
  differences('sum', sum),
  differences('sumSquares', sumSquares),
  differences('slice', slice),
  differences('pad', pad),
  differences('concat', concat),
  differences('mergeDims', mergeDims),
  { name: 'iota', gradient: 'zero', example: iota },
];
