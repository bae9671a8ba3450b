import { expect, it } from 'vitest';
import { compileWith } from '../../src/nn/compileWith.ts';
import { ONES, type ParameterTable, parameterScope } from '../../src/nn/parameters.ts';
import { float32, input, mul } from '../../src/tensor/index.ts';

const table: ParameterTable = new Map();
const graph = {
  parameters: table,
  outputs: { y: mul(input('x', 'float32', [2]), parameterScope(table).get('gain', [2], ONES)) },
};

it('computes with the arrays that the graph declares, whatever else there is', async () => {
  const arrays = new Map([
    ['gain', float32([2], [3, 5])],
    ['other', float32([1], [7])],
  ]);
  const session = await compileWith(graph, arrays, { threads: 1 });
  expect([...(await session.run({ x: float32([2], [2, 10]) })).y!.data]).toEqual([6, 50]);
  await session.dispose();
});

it('names the parameter that has no values', async () => {
  await expect(compileWith(graph, new Map([['other', float32([1], [7])]]))).rejects.toThrow(
    'the parameter gain has no values',
  );
});
