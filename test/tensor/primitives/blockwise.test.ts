import { describe, expect, it } from 'vitest';
import { blockCount } from '../../../src/tensor/blockwise/blockwise.ts';
import { emitModel } from '../../../src/tensor/emit/emit.ts';
import {
  add,
  blockwise,
  compile,
  emitOnnx,
  exp,
  float32,
  gelu,
  grad,
  input,
  mul,
  scalar,
  sqrt,
  sub,
  sum,
  type Tensor,
  zeros,
} from '../../../src/tensor/index.ts';
import { ModelProto } from '../../../src/tensor/onnx/proto.ts';

const a = input('a', 'float32', [6, 20]);
const b = input('b', 'float32', [6, 20]);
const factor = input('factor', 'float32', []);
const feeds = {
  a: float32(
    [6, 20],
    Array.from({ length: 120 }, (_, i) => Math.sin(i)),
  ),
  b: float32(
    [6, 20],
    Array.from({ length: 120 }, (_, i) => 1 + (i % 7)),
  ),
  factor: float32([], [1.5]),
};

/** Two results, one of which uses a scalar that the graph around computes. */
const combine = () =>
  blockwise([a, b], [exp(factor)], ([x, y], [f]) => [sub(mul(x!, f!), y!), add(sqrt(y!), scalar(2))]);

const operators = (outputs: Readonly<Record<string, Tensor>>, blockElements: number): string[] => {
  const model = ModelProto.decode(emitOnnx({ outputs, options: { blockElements } })).toJSON();
  const graph: { node: { op_type: string }[] } = model['graph'];
  return graph.node.map((node) => node.op_type);
};

async function evaluate(outputs: Readonly<Record<string, Tensor>>, blockElements: number) {
  const session = await compile({ outputs, options: { blockElements } }, { threads: 1 });
  try {
    const names = new Set(session.inputs.map(({ name }) => name));
    return await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => names.has(name))));
  } finally {
    await session.dispose();
  }
}

describe('outputs of blocks', () => {
  const expected = async () => evaluate(namedResults(), 0);
  const namedResults = () => {
    const [first, second] = combine();
    return { first: first!, second: second!, again: first!, sum: add(first!, second!) };
  };

  it('have their own shapes and numbers, whoever allocates them and whatever reads them further', async () => {
    const plain = await expected();
    const session = await compile(
      { outputs: namedResults(), options: { blockElements: 10 } },
      { threads: 1 },
    );
    const into = { first: zeros('float32', [6, 20]) };
    const allocated = await session.run(feeds, into);
    const targets = Object.fromEntries(session.outputs.map(({ name }) => [name, zeros('float32', [6, 20])]));
    await session.bind(feeds, targets).run();
    for (const name of Object.keys(plain)) {
      expect(allocated[name]).toEqual(plain[name]);
      expect(targets[name]).toEqual(plain[name]);
    }
    expect(into.first).toEqual(plain['first']);
    expect(session.outputs.map(({ shape }) => shape)).toEqual(Array.from({ length: 4 }, () => [6, 20]));
    expect(() => session.bind(feeds, { ...targets, first: zeros('float32', [20, 6]) })).toThrow(/first/);
    await session.dispose();
  });

  it('are written where the caller wants them, without a copy', async () => {
    const [first, second] = combine();
    const { model, stacked } = emitModel({
      outputs: { first: first!, second: second! },
      options: { blockElements: 10, stackedOutputs: true },
    });
    expect(stacked.get('first')).toEqual([12, 10]);
    const graph: { node: { op_type: string; output: string[] }[] } =
      ModelProto.decode(model).toJSON()['graph'];
    expect(graph.node.at(-1)).toMatchObject({ op_type: 'Scan', output: ['first', 'second'] });
  });
});

describe('blocks', () => {
  it('divide a size into equal pieces near the target, or not at all', () => {
    expect(blockCount([6, 20], 10)).toBe(12);
    expect(blockCount([1568, 3072], 49152)).toBe(98);
    // 7·10: the divisor nearest to 70/11.
    expect(blockCount([70], 11)).toBe(7);
    expect(blockCount([10007], 100)).toBe(1);
    expect(blockCount([30], 10)).toBe(1);
    expect(blockCount(['batch', 4096], 16)).toBe(1);
    expect(blockCount([4096], 0)).toBe(1);
  });

  it('are a loop in the model, which is written out whole without them', () => {
    const [y, z] = combine();
    expect(operators({ y: y!, z: z! }, 10)).toContain('Scan');
    expect(operators({ y: y!, z: z! }, 0)).not.toContain('Scan');
  });

  it('give what the whole gives, to the bit', async () => {
    const [y, z] = combine();
    const [da, db] = grad(sum(mul(gelu(mul(a, b)), a)), [a, b]);
    const outputs = { y: y!, z: z!, da: da!, db: db! };
    const whole = await evaluate(outputs, 0);
    const blocks = await evaluate(outputs, 10);
    for (const name of Object.keys(outputs)) expect(blocks[name]!.data).toEqual(whole[name]!.data);
    expect(blocks['y']!.data[1]).toBeCloseTo(Math.sin(1) * Math.exp(1.5) - 2, 5);
  });

  it('leave out a result that nobody reads', async () => {
    const [, z] = combine();
    const { z: blocks } = await evaluate({ z: z! }, 10);
    expect(blocks!.data[3]).toBeCloseTo(4, 5);
  });

  it('refuse a body that is not elementwise or reads what it was not given', () => {
    expect(() => blockwise([a], [], ([x]) => [add(x!, sum(x!, [0], true))])).toThrow(/not elementwise/);
    expect(() => blockwise([a], [], ([x]) => [add(x!, b)])).toThrow(/not passed/);
  });
});
