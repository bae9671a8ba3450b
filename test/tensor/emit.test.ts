import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  add,
  attention,
  compile,
  constant,
  type EmitRequest,
  emitOnnx,
  exp,
  float32,
  gelu,
  grad,
  input,
  int32,
  layerNorm,
  linear,
  matmul,
  mul,
  neg,
  scalar,
  sum,
  type Tensor,
} from '../../src/tensor/index.ts';
import { ModelProto } from '../../src/tensor/onnx/proto.ts';
import { createRandom } from '../../src/tensor/random.ts';

const Named = z.object({ name: z.string() });
const Model = z.object({
  graph: z.object({
    node: z.array(
      z.object({ op_type: z.string(), domain: z.string().default(''), output: z.array(z.string()) }),
    ),
    initializer: z.array(Named).default([]),
    input: z.array(Named).default([]),
    output: z.array(Named),
  }),
});

const decode = (request: EmitRequest) =>
  Model.parse(ModelProto.toObject(ModelProto.decode(emitOnnx(request)))).graph;

const operators = (request: EmitRequest): string[] => decode(request).node.map(({ op_type }) => op_type);

const x = input('x', 'float32', [2, 2]);

describe('constants', () => {
  it('that are equal share one initializer; others do not', () => {
    const graph = decode({
      outputs: {
        y: add(mul(x, scalar(2)), mul(neg(x), scalar(2))),
        z: add(mul(x, scalar(3)), constant(float32([1], [2]))),
        ids: constant(int32([], [2])),
      },
    });
    // 2 as a float32 scalar (once), 3, [2] (another shape) and 2 as int32 (another dtype).
    expect(graph.initializer).toHaveLength(4);
  });

  it('keep −0 and 0 apart', () => {
    expect(decode({ outputs: { y: add(mul(x, scalar(0)), mul(x, scalar(-0))) } }).initializer).toHaveLength(
      2,
    );
  });
});

describe('outputs', () => {
  it('named directly cost no copy, also when the graph reads them further', () => {
    const y = exp(x);
    expect(operators({ outputs: { y, z: neg(y) } })).toEqual(['Exp', 'Neg']);
    expect(decode({ outputs: { y, z: neg(y) } }).node.map(({ output }) => output)).toEqual([['y'], ['z']]);
  });

  it('that are inputs, constants or named twice hold the right numbers', async () => {
    const y = exp(x);
    const outputs = { same: x, y, again: y, fixed: scalar(7) };
    const session = await compile({ outputs });
    const result = await session.run({ x: float32([2, 2], [0, 0, 0, 0]) });
    await session.dispose();
    const numbers = Object.entries(result).map(([name, { data }]) => [name, Array.from(data, Number)]);
    expect(Object.fromEntries(numbers)).toEqual({
      same: [0, 0, 0, 0],
      y: [1, 1, 1, 1],
      again: [1, 1, 1, 1],
      fixed: [7],
    });
  });

  it('and inputs may have names that the writer would choose', async () => {
    const odd = input('neg_0', 'float32', [2]);
    const session = await compile({ outputs: { const_1: mul(neg(neg(odd)), scalar(3)), mul_2: exp(odd) } });
    const result = await session.run({ neg_0: float32([2], [0, 1]) });
    await session.dispose();
    expect(Array.from(result['const_1']!.data, Number)).toEqual([0, 3]);
    expect(Number(result['mul_2']!.data[0])).toBe(1);
  });
});

describe('weights', () => {
  it('become initializers, the other inputs stay', () => {
    const w = input('w', 'float32', [2, 2]);
    const weights = new Map([
      ['w', float32([2, 2], [1, 2, 3, 4])],
      ['of another graph', float32([1], [1])],
    ]);
    const graph = decode({ outputs: { y: mul(x, w) }, weights });
    expect(graph.input.map(({ name }) => name)).toEqual(['x']);
    expect(graph.initializer.map(({ name }) => name)).toEqual(['w']);
  });
});

describe('a graph holds no more than its outputs need', () => {
  const [scale, bias] = [input('scale', 'float32', [2]), input('bias', 'float32', [2])];

  it('leaves out gradients that no one asks for', () => {
    const [dx] = grad(sum(mul(x, exp(x))), [x]);
    const [, dBias] = grad(sum(layerNorm(x, scale, bias, 1e-6)), [x, bias]);
    expect(operators({ outputs: { dx: dx! } })).not.toContain('Neg');
    // The bias's gradient is a sum of ones: nothing of the normalisation is left in it.
    expect(operators({ outputs: { dBias: dBias! } })).not.toContain('LayerNormalization');
  });

  const standardOnly = (outputs: Readonly<Record<string, Tensor>>) =>
    decode({ outputs, options: { fused: false } }).node.filter(({ domain }) => domain !== '');

  it('uses the standard operators only when it is not fused', () => {
    const [q, k, v] = ['q', 'k', 'v'].map((name) => input(name, 'float32', [1, 2, 4])) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const y = gelu(attention(q, k, v, 2));
    expect(standardOnly({ y })).toEqual([]);
    expect(standardOnly({ dq: grad(sum(y), [q])[0]! })).toEqual([]);
    // And fused graphs do use the runtime's own, or this test would prove nothing.
    expect(decode({ outputs: { y } }).node.map(({ domain }) => domain)).toContain('com.microsoft');
  });
});

describe('biases apart from products (for the CPU)', () => {
  const tokens = input('x', 'float32', [2, 3, 4]);
  const project = (name: string) =>
    linear(tokens, input(`${name}.weight`, 'float32', [4, 4]), input(`${name}.bias`, 'float32', [4]));
  const [q, k, v] = [project('q'), project('k'), project('v')];
  const options = { cpuForms: true };

  it('are added by attention itself, and the sums that nobody reads any more are left out', () => {
    const expected = ['FusedMatMul', 'FusedMatMul', 'FusedMatMul', 'Concat', 'MultiHeadAttention'];
    expect(operators({ outputs: { y: attention(q, k, v, 2) }, options })).toEqual(expected);
    expect(operators({ outputs: { y: attention(q, k, v, 2), v }, options })).toEqual([
      ...expected.slice(0, 3),
      'Add',
      ...expected.slice(3),
    ]);
    // One operand without a bias: the kernel takes all three or none.
    expect(operators({ outputs: { y: attention(q, k, tokens, 2) }, options })).toContain('Add');
  });

  it('give the numbers of the plain form', async () => {
    const random = createRandom(1, 'biases');
    const array = (shape: readonly number[]) =>
      float32(
        shape,
        Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, () => random.normal()),
      );
    const names = ['q', 'k', 'v'].flatMap((name) => [
      [`${name}.weight`, array([4, 4])] as const,
      [`${name}.bias`, array([4])] as const,
    ]);
    const feeds = { x: array([2, 3, 4]), ...Object.fromEntries(names) };
    const mask = constant(float32([2, 1, 1, 3], [0, 0, -1e30, 0, -1, 0]));
    const outputs = { y: attention(q, k, v, 2), masked: attention(q, k, v, 2, mask), gelu: gelu(q) };
    const results = [];
    for (const fused of [true, false]) {
      const session = await compile({ outputs, options: { fused } });
      results.push(await session.run(feeds));
      await session.dispose();
    }
    const [fast, plain] = results;
    for (const name of Object.keys(outputs)) {
      const expected = Array.from(plain![name]!.data, Number);
      // Sums of four products in another order: a few units in the last place of numbers up to 5.
      Array.from(fast![name]!.data, Number).forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(4e-6);
      });
    }
  });
});

describe('a product whose factors are each repeated (wrong in the runtime on CUDA)', () => {
  const [left, right] = [input('a', 'float32', [3, 1, 2, 1]), input('b', 'float32', [1, 2, 2, 1])];
  const feeds = { a: float32([3, 1, 2, 1], [1, 2, 3, 4, 5, 6]), b: float32([1, 2, 2, 1], [7, 8, 9, 10]) };
  const each = matmul(left, right, { transA: true });

  it('has the left one written out, except for the CPU', () => {
    const options = { cpuForms: false };
    expect(operators({ outputs: { each }, options })).toContain('Expand');
    expect(operators({ outputs: { each }, options: { cpuForms: true } })).not.toContain('Expand');
    const one = matmul(left, input('c', 'float32', [1, 2]));
    expect(operators({ outputs: { one }, options })).not.toContain('Expand');
  });

  it('writes out the factor whose sizes are known', () => {
    const options = { cpuForms: false };
    const batches = input('batches', 'float32', ['batch', 1, 2, 3]);
    const y = matmul(batches, input('weights', 'float32', [1, 5, 3, 2]));
    expect(operators({ outputs: { y }, options })).toContain('Expand');
    const z = matmul(batches, input('others', 'float32', [1, 'count', 3, 2]));
    expect(() => emitOnnx({ outputs: { z }, options })).toThrow(/must be known when the graph is built/);
  });

  it('gives all pairs in both forms', async () => {
    // aᵢ·bⱼ of three and two columns of two.
    const expected = [23, 29, 53, 67, 83, 105];
    for (const fused of [true, false]) {
      const session = await compile({ outputs: { each }, options: { cpuForms: false, fused } });
      expect(Array.from((await session.run(feeds))['each']!.data, Number)).toEqual(expected);
      await session.dispose();
    }
  });
});

describe('weights that no output reads', () => {
  const weight = (size: number) => float32([size], new Float32Array(size).fill(2));
  const read = input('read', 'float32', [512]);
  const unread = input('unread', 'float32', [512]);
  // The gradient of a sum does not read what was summed.
  const [gradient] = grad(sum(mul(read, unread)), [unread]);

  for (const transport of ['c-api', 'binding'] as const) {
    it(`are not handed to its session (${transport})`, async () => {
      // Over 1 KiB: smaller ones travel in the model.
      const weights = new Map([
        ['read', weight(512)],
        ['unread', weight(512)],
        ['never declared', weight(300)],
      ]);
      const session = await compile({ outputs: { gradient: gradient! }, weights }, { transport });
      expect(session.inputs).toEqual([]);
      expect((await session.run({}))['gradient']!.data).toEqual(weight(512).data);
      await session.dispose();
    });
  }

  it('are no part of the model', () => {
    const decoded = decode({
      outputs: { y: exp(read) },
      weights: new Map([
        ['read', weight(512)],
        ['unread', weight(512)],
      ]),
    });
    expect(decoded.initializer.map(({ name }) => name)).toEqual(['read']);
  });
});
