import fc from 'fast-check';
import * as t from '../../../../src/tensor/index.ts';
import * as reference from '../../../support/reference/linear.ts';
import { broadcastable, dim, ids, operand, seed, shape } from '../arbitraries.ts';
import { example, type PrimitiveCase } from '../example.ts';

const flags = fc.record({
  transA: fc.boolean(),
  transB: fc.boolean(),
  alpha: fc.constantFrom(1, 0.5, -2),
});

const matmul = fc
  .tuple(broadcastable(2, 2), fc.tuple(dim, dim, dim), flags, seed)
  .map(([[batchA, batchB], [m, k, n], options, s]) =>
    example(
      { ...options },
      {
        operands: [
          operand(s, 'a', [...batchA!, ...(options.transA ? [k, m] : [m, k])]),
          operand(s, 'b', [...batchB!, ...(options.transB ? [n, k] : [k, n])]),
        ],
        apply: ([a, b]) => t.matmul(a!, b!, options),
        reference: ([a, b]) => reference.matmul(a!, b!, options),
      },
    ),
  );

const linear = fc.tuple(shape(1, 3), dim, dim, fc.boolean(), seed).map(([lead, size, out, withBias, s]) =>
  example(
    { withBias },
    {
      operands: [
        operand(s, 'x', [...lead, size]),
        operand(s, 'weight', [out, size]),
        ...(withBias ? [operand(s, 'bias', [out])] : []),
      ],
      apply: ([x, weight, bias]) => t.linear(x!, weight!, bias),
      reference: ([x, weight, bias]) => reference.linear(x!, weight!, bias),
    },
  ),
);

const idType = fc.constantFrom<('int32' | 'int64')[]>('int32', 'int64');

/** An id that the gradient takes together, or none. */
const common = (s: number, rows: number) => (s % 2 === 0 ? undefined : (s >> 1) % rows);

const gather = fc.tuple(shape(0, 3), dim, dim, idType, seed).map(([lead, rows, width, dtype, s]) =>
  example(
    { common: common(s, rows) },
    {
      operands: [operand(s, 'table', [rows, width]), operand(s, 'ids', lead, ids(rows), dtype)],
      apply: ([table, index]) => t.gather(table!, index!, common(s, rows)),
      reference: ([table, index]) => reference.gather(table!, index!),
    },
  ),
);

const scatterAdd = fc.tuple(shape(0, 3), dim, dim, idType, seed).map(([lead, rows, width, dtype, s]) =>
  example(
    { rows, common: common(s, rows) },
    {
      operands: [operand(s, 'ids', lead, ids(rows), dtype), operand(s, 'values', [...lead, width])],
      apply: ([index, values]) => t.scatterAdd(index!, values!, rows, common(s, rows)),
      reference: ([index, values]) => reference.scatterAdd(index!, values!, rows),
    },
  ),
);

export const linearCases: readonly PrimitiveCase[] = [
  { name: 'matmul', gradient: 'differences', example: matmul },
  { name: 'linear', gradient: 'differences', example: linear },
  { name: 'gather', gradient: 'differences', example: gather },
  { name: 'scatterAdd', gradient: 'differences', example: scatterAdd },
];
