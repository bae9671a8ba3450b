import fc from 'fast-check';
import * as t from '../../../../src/tensor/index.ts';
import { attention as attentionReference } from '../../../support/reference/attention.ts';
import { gelu, map } from '../../../support/reference/elementwise.ts';
import * as reference from '../../../support/reference/normalization.ts';
import { operand, seed, shape } from '../arbitraries.ts';
import { example, type PrimitiveCase } from '../example.ts';

const geluExample = fc.tuple(shape(), seed).map(([dims, s]) =>
  example(
    {},
    {
      operands: [operand(s, 'x', dims, (random) => random.uniform(-5, 5))],
      apply: ([x]) => t.gelu(x!),
      reference: ([x]) => map(x!, gelu),
    },
  ),
);

const softmax = fc.tuple(shape(1), seed).map(([dims, s]) =>
  example(
    {},
    {
      operands: [operand(s, 'x', dims)],
      apply: ([x]) => t.softmax(x!),
      reference: ([x]) => reference.softmax(x!),
    },
  ),
);

const logSumExp = fc.tuple(shape(1), seed).map(([dims, s]) =>
  example(
    {},
    {
      operands: [operand(s, 'x', dims)],
      apply: ([x]) => t.logSumExp(x!),
      reference: ([x]) => reference.logSumExp(x!),
    },
  ),
);

/** ε = 0.1 keeps rows of nearly equal values well conditioned; the released 1e-6 has its own test. */
const layerNorm = fc
  .tuple(shape(0, 3), fc.integer({ min: 1, max: 8 }), fc.constantFrom(0.1, 0.5), seed)
  .map(([lead, size, epsilon, s]) =>
    example(
      { epsilon },
      {
        operands: [operand(s, 'x', [...lead, size]), operand(s, 'scale', [size]), operand(s, 'bias', [size])],
        apply: ([x, scale, bias]) => t.layerNorm(x!, scale!, bias!, epsilon),
        reference: ([x, scale, bias]) => reference.layerNorm(x!, scale!, bias!, epsilon),
      },
    ),
  );

const small = fc.integer({ min: 1, max: 3 });

/** Self- and cross-attention, with no mask or one in any shape that broadcasts to [B, heads, T, S]. */
const attention = fc
  .tuple(
    fc.record({ batch: small, queries: small, keys: small, heads: small, headSize: small }),
    fc.option(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })),
    seed,
  )
  .map(([{ batch, queries, keys, heads, headSize }, ones, s]) => {
    const width = heads * headSize;
    const mask = ones && [batch, heads, queries, keys].map((n, i) => (ones[i] ? 1 : n));
    return example(
      { heads, mask },
      {
        operands: [
          operand(s, 'q', [batch, queries, width]),
          operand(s, 'k', [batch, keys, width]),
          operand(s, 'v', [batch, keys, width]),
          ...(mask ? [operand(s, 'mask', mask)] : []),
        ],
        apply: ([q, k, v, m]) => t.attention(q!, k!, v!, heads, m),
        reference: ([q, k, v, m]) => attentionReference(q!, k!, v!, heads, m),
      },
    );
  });

export const layerCases: readonly PrimitiveCase[] = [
  { name: 'gelu', gradient: 'differences', example: geluExample },
  { name: 'softmax', gradient: 'differences', example: softmax },
  { name: 'logSumExp', gradient: 'differences', example: logSumExp },
  { name: 'layerNorm', gradient: 'differences', example: layerNorm },
  { name: 'attention', gradient: 'differences', example: attention },
];
