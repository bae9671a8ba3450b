import { expect, it } from 'vitest';
import { lastOf } from '../../src/nn/block.ts';
import { initializeParameters } from '../../src/nn/initialize.ts';
import { type BlockConfig, selfAttention } from '../../src/nn/layers.ts';
import { type ParameterTable, parameterScope } from '../../src/nn/parameters.ts';
import { singleQueryAttention } from '../../src/nn/singleQuery.ts';
import { compile, grad, input, mul, type NdArray, sum, type Tensor } from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { normals, readBy } from '../support/arrays.ts';

const SHAPE = [3, 5, 12] as const;
const CONFIG: BlockConfig = { hiddenSize: 12, intermediateSize: 1, heads: 3, layerNormEps: 1e-6 };
const x = input('x', 'float32', SHAPE);

const drawn = (name: string, shape: readonly number[]) => normals(createRandom(5, name), shape);

/** The last position's attention and the gradients of a weighted sum of it, by what they are of. */
async function evaluate(attend: (scope: ReturnType<typeof parameterScope>) => Tensor, biases: boolean) {
  const table: ParameterTable = new Map();
  const attended = attend(parameterScope(table));
  const loss = sum(mul(attended, input('weights', 'float32', [3, 12])));
  const wrt = [...table].filter(([name]) => name !== 'k_proj.bias');
  const tensors = [x, ...wrt.map(([, { tensor }]) => tensor)];
  const gradients = grad(loss, tensors);
  const names = ['x', ...wrt.map(([name]) => name)];
  const outputs = { attended, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, gradients[i]!])) };
  const session = await compile({ outputs }, { threads: 1 });
  const initial = initializeParameters(table, 1);
  const parameters = [...table.keys()].map((name): [string, NdArray] => [
    name,
    name.endsWith('bias') ? drawn(name, [12]) : initial.get(name)!,
  ]);
  const feeds = {
    x: drawn('x', SHAPE),
    weights: drawn('weights', [3, 12]),
    ...Object.fromEntries(parameters),
  };
  const result = await session.run(readBy(session, feeds));
  await session.dispose();
  expect(names.some((name) => name.endsWith('bias'))).toBe(biases);
  return result;
}

it.each([true, false])('equals self-attention at the last position, with biases: %s', async (biases) => {
  const config = { ...CONFIG, biases: { attention: biases, mlpAndNorm: true } };
  const whole = await evaluate((scope) => lastOf(selfAttention(scope, x, config)), biases);
  const single = await evaluate((scope) => singleQueryAttention(scope, x, lastOf(x), config), biases);
  expect(Object.keys(single).sort()).toEqual(Object.keys(whole).sort());
  for (const [name, { data, shape }] of Object.entries(whole)) {
    expect(single[name]!.shape, name).toEqual(shape);
    // Sums of at most 60 products of numbers near 1, in another order: some units in the last place of float32.
    Array.from(data, Number).forEach((value, i) => {
      expect(Math.abs(Number(single[name]!.data[i]) - value), `${name}[${i}]`).toBeLessThan(1e-5);
    });
  }
});
