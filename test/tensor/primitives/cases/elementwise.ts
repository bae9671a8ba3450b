import fc from 'fast-check';
import * as t from '../../../../src/tensor/index.ts';
import { map, sigmoid, softplus, zip } from '../../../support/reference/elementwise.ts';
import {
  around,
  awayFromZero,
  bits,
  broadcastable,
  type Draw,
  eighths,
  oddSixteenths,
  operand,
  positive,
  seed,
  shape,
  ties,
} from '../arbitraries.ts';
import { example, type PrimitiveCase } from '../example.ts';

type Gradient = PrimitiveCase['gradient'];

const unary = (
  name: string,
  apply: (x: t.Tensor) => t.Tensor,
  f: (x: number) => number,
  draw: Draw = around,
  gradient: Gradient = 'differences',
): PrimitiveCase => ({
  name,
  gradient,
  example: fc.tuple(shape(), seed).map(([dims, s]) =>
    example(
      {},
      {
        operands: [operand(s, 'x', dims, draw)],
        apply: ([x]) => apply(x!),
        reference: ([x]) => map(x!, f),
      },
    ),
  ),
});

const binary = (
  name: string,
  apply: (a: t.Tensor, b: t.Tensor) => t.Tensor,
  f: (a: number, b: number) => number,
  [drawA, drawB]: readonly [Draw, Draw] = [around, around],
  gradient: Gradient = 'differences',
): PrimitiveCase => ({
  name,
  gradient,
  example: fc.tuple(broadcastable(2), seed).map(([[a, b], s]) =>
    example(
      {},
      {
        operands: [operand(s, 'a', a!, drawA), operand(s, 'b', b!, drawB)],
        apply: ([x, y]) => apply(x!, y!),
        reference: (operands) => zip(operands, f as (...values: number[]) => number),
      },
    ),
  ),
});

const where: PrimitiveCase = {
  name: 'where',
  gradient: 'differences',
  example: fc.tuple(broadcastable(3), seed).map(([[condition, a, b], s]) =>
    example(
      {},
      {
        operands: [
          operand(s, 'condition', condition!, bits, 'bool'),
          operand(s, 'a', a!),
          operand(s, 'b', b!),
        ],
        apply: ([c, x, y]) => t.where(c!, x!, y!),
        reference: (operands) => zip(operands, (...[c, x, y]) => (c === 1 ? x! : y!)),
      },
    ),
  ),
};

const TARGETS = { int32: Math.trunc, int64: Math.trunc, bool: (x: number) => (x === 0 ? 0 : 1) } as const;
const CASTS = fc.constantFrom<(keyof typeof TARGETS)[]>('int32', 'int64', 'bool');

const cast: PrimitiveCase = {
  name: 'cast',
  gradient: 'zero',
  example: fc.tuple(shape(), CASTS, seed).map(([dims, dtype, s]) =>
    example(
      { dtype },
      {
        operands: [operand(s, 'x', dims, eighths)],
        apply: ([x]) => t.cast(x!, dtype),
        reference: ([x]) => map(x!, TARGETS[dtype]),
      },
    ),
  ),
};

const constant: PrimitiveCase = {
  name: 'constant',
  gradient: 'differences',
  example: fc.tuple(broadcastable(2), seed).map(([[dims, fixed], s]) => {
    const value = operand(s, 'fixed', fixed!);
    return example(
      { fixed },
      {
        operands: [operand(s, 'x', dims!)],
        apply: ([x]) => t.mul(x!, t.constant(t.float32(value.shape, value.data))),
        reference: ([x]) => zip([x!, value], (a = 0, b = 0) => a * b),
      },
    );
  }),
};

/** The rule disagrees with the value on purpose: the derivative of the reference is what must come out. */
const withGradient = unary(
  'withGradient',
  (x) => t.withGradient(t.stopGradient(t.square(x)), [x], (dy) => [t.mul(dy, t.mul(x, t.scalar(2)))]),
  (x) => x * x,
);

export const elementwiseCases: readonly PrimitiveCase[] = [
  unary('neg', t.neg, (x) => -x),
  unary('exp', t.exp, Math.exp),
  unary('log', t.log, Math.log, positive),
  unary('sqrt', t.sqrt, Math.sqrt, positive),
  unary('tanh', t.tanh, Math.tanh),
  unary('sigmoid', t.sigmoid, sigmoid),
  unary('fastSigmoid', t.fastSigmoid, sigmoid),
  unary(
    'blockwise',
    (x) => t.blockwise([x, t.exp(x)], [t.scalar(3)], ([a, b], [c]) => [t.mul(t.mul(a!, b!), c!)])[0]!,
    (x) => 3 * x * Math.exp(x),
  ),
  unary('square', t.square, (x) => x * x),
  unary('softplus', t.softplus, softplus),
  unary('logSigmoid', t.logSigmoid, (x) => -softplus(-x)),
  // Multiples of 1/8 include 0, where the central difference is 0 as documented.
  unary('abs', t.abs, Math.abs, eighths),
  unary('sign', t.sign, Math.sign, oddSixteenths),
  unary('floor', t.floor, Math.floor, oddSixteenths),
  unary('stopGradient', t.stopGradient, (x) => x, around, 'zero'),
  unary(
    'scalar',
    (x) => t.mul(x, t.scalar(-1.5)),
    (x) => -1.5 * x,
  ),
  binary('add', t.add, (a, b) => a + b),
  binary('sub', t.sub, (a, b) => a - b),
  binary('mul', t.mul, (a, b) => a * b),
  binary('div', t.div, (a, b) => a / b, [around, awayFromZero]),
  binary('maximum', t.maximum, Math.max, [eighths, oddSixteenths]),
  binary('greater', t.greater, (a, b) => (a > b ? 1 : 0), [ties, ties], 'zero'),
  binary('equal', t.equal, (a, b) => (a === b ? 1 : 0), [ties, ties], 'zero'),
  where,
  cast,
  constant,
  withGradient,
];
