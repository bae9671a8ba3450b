import { describe, expect, it } from 'vitest';
import {
  add,
  attention,
  broadcastTo,
  cast,
  concat,
  emitOnnx,
  exp,
  float32,
  gather,
  gelu,
  grad,
  greater,
  input,
  int32,
  layerNorm,
  linear,
  matmul,
  mul,
  pad,
  reshape,
  scatterAdd,
  slice,
  softmax,
  sum,
  type Tensor,
  transpose,
  where,
} from '../../src/tensor/index.ts';

const a = input('a', 'float32', [2, 3]);
const b = input('b', 'float32', [4, 5]);
const ids = input('ids', 'int32', [2]);
const x = input('tokens', 'float32', ['batch', 4, 6]);
const weight = input('fc.weight', 'float32', [8, 6]);

describe('a graph that cannot be is refused where it is built, naming the operation and the tensors', () => {
  it.each<[string, () => Tensor]>([
    ['add(a: float32[2, 3]; b: float32[4, 5]): cannot broadcast [2, 3] with [4, 5]', () => add(a, b)],
    ['mul(a: float32[2, 3]; ids: int32[2]): dtypes differ: float32 and int32', () => mul(a, ids)],
    [
      'add(greater: bool[2, 3]; greater: bool[2, 3]): needs float32 or float16 or bfloat16 or int32 or int64 or uint8, got bool',
      () => add(greater(a, a), greater(a, a)),
    ],
    ['exp(ids: int32[2]): needs float32, got int32', () => exp(ids)],
    [
      'where(a: float32[2, 3]; a: float32[2, 3]; a: float32[2, 3]): needs bool, got float32',
      () => where(a, a, a),
    ],
    ['matmul(a: float32[2, 3]; b: float32[4, 5]): inner sizes 3 and 4 differ', () => matmul(a, b)],
    ['matmul(a: float32[2, 3]; ids: int32[2]): needs float32, got int32', () => matmul(a, ids)],
    [
      'linear(a: float32[2, 3]; fc.weight: float32[8, 6]): needs x [..., in] and weight [out, in]',
      () => linear(a, weight),
    ],
    [
      'linear(tokens: float32[batch, 4, 6]; fc.weight: float32[8, 6]; a: float32[2, 3]): bias must be [8], got [2, 3]',
      () => linear(x, weight, a),
    ],
    ['reshape(a: float32[2, 3]): cannot reshape [2, 3] to [4]', () => reshape(a, [4])],
    [
      'reshape(a: float32[2, 3]): a dimension must be an integer of at least 0, got -1',
      () => reshape(a, [-1]),
    ],
    ['transpose(a: float32[2, 3]): permutation [0, 0] does not fit rank 2', () => transpose(a, [0, 0])],
    ['broadcastTo(a: float32[2, 3]): [2, 3] does not broadcast to [3]', () => broadcastTo(a, [3])],
    ['sum(a: float32[2, 3]): axes [1, 1] repeat', () => sum(a, [1, -1])],
    ['slice(a: float32[2, 3]): range 1..4 is outside axis 1 of size 3', () => slice(a, 1, 1, 4)],
    ['slice(a: float32[2, 3]): start must be an integer of at least 0, got -1', () => slice(a, 1, -1, 2)],
    ['pad(a: float32[2, 3]): before must be an integer of at least 0, got -1', () => pad(a, 0, -1, 0)],
    [
      'concat(a: float32[2, 3]; b: float32[4, 5]): shapes may differ along axis 0 only',
      () => concat([a, b], 0),
    ],
    [
      'concat(a: float32[2, 3]; cast: int32[2, 3]): dtypes differ: float32 and int32',
      () => concat([a, cast(a, 'int32')], 0),
    ],
    [
      'concat(tokens: float32[batch, 4, 6]): a concatenated axis must be known when the graph is built, got batch',
      () => concat([x], 0),
    ],
    [
      'gather(tokens: float32[batch, 4, 6]; ids: int32[2]): table must be [rows, width], got [batch, 4, 6]',
      () => gather(x, ids),
    ],
    ['gather(a: float32[2, 3]; b: float32[4, 5]): needs int32 or int64, got float32', () => gather(a, b)],
    [
      'scatterAdd(ids: int32[2]; b: float32[4, 5]): values must be one row per id, [2, width]',
      () => scatterAdd(ids, b, 7),
    ],
    [
      'scatterAdd(ids: int32[2]; a: float32[2, 3]): common must be an id below 7, got 7',
      () => scatterAdd(ids, a, 7, 7),
    ],
    ['softmax(sum: float32[]): needs at least 1 axis, got a scalar', () => softmax(sum(a))],
    ['gelu(ids: int32[2]): needs float32, got int32', () => gelu(ids)],
    [
      'layerNorm(a: float32[2, 3]; b: float32[4, 5]; b: float32[4, 5]): scale must be [3], got [4, 5]',
      () => layerNorm(a, b, b, 1e-6),
    ],
    [
      'attention(q: float32[1, 4, 6]; k: float32[3, 4, 6]; k: float32[3, 4, 6]): k must be [1, 4, 6], got [3, 4, 6]',
      () => {
        const k = input('k', 'float32', [3, 4, 6]);
        return attention(input('q', 'float32', [1, 4, 6]), k, k, 2);
      },
    ],
    [
      'attention(tokens: float32[batch, 4, 6]; tokens: float32[batch, 4, 6]; tokens: float32[batch, 4, 6]): width 6 is no multiple of 4 heads',
      () => attention(x, x, x, 4),
    ],
    [
      'attention(tokens: float32[batch, 4, 6]; tokens: float32[batch, 4, 6]; tokens: float32[batch, 4, 6]; mask: float32[1, 1, 4, 5]): mask must broadcast to [batch, 2, 4, 4], got [1, 1, 4, 5]',
      () => attention(x, x, x, 2, input('mask', 'float32', [1, 1, 4, 5])),
    ],
    [
      'input(): a dimension of z must be an integer of at least 0, got 1.5',
      () => input('z', 'float32', [1.5]),
    ],
    ['input(): needs a name', () => input('', 'float32', [1])],
  ])('%s', (message, build) => {
    expect(build).toThrow(expect.objectContaining({ message }));
  });

  it.each<[string, () => Tensor]>([
    ['axis 2 is outside rank 2', () => sum(a, [2])],
    ['concat(): needs at least one tensor', () => concat([], 0)],
  ])('%s', (message, build) => {
    expect(build).toThrow(expect.objectContaining({ message }));
  });
});

describe('grad', () => {
  it('takes float32 scalars only', () => {
    expect(() => grad(a, [a])).toThrow('the loss must be a float32 scalar, got float32[2, 3]');
    expect(() => grad(sum(ids), [a])).toThrow('the loss must be a float32 scalar, got int32[]');
  });

  it.each<[string, () => Tensor]>([
    ['layerNorm', () => layerNorm(a, input('s', 'float32', [3]), input('t', 'float32', [3]), 1e-6)],
    [
      'attention',
      () =>
        attention(
          ...(['q', 'k', 'v'].map((n) => input(n, 'float32', [1, 2, 4])) as [Tensor, Tensor, Tensor]),
          2,
        ),
    ],
  ])('refuses the second derivative of %s instead of leaving terms out', (name, build) => {
    const y = build();
    const source = y.node.inputs[0]!;
    const [first] = grad(sum(y), [source]);
    expect(() => grad(sum(mul(first!, first!)), [source])).toThrow(`${name} has no second derivative`);
  });
});

describe('emitOnnx', () => {
  const twice = input('a', 'float32', [2, 3]);

  it('refuses two inputs with one name', () => {
    expect(() => emitOnnx({ outputs: { y: add(a, twice) } })).toThrow('two inputs are named a');
  });

  it('refuses an output with the name of an input', () => {
    expect(() => emitOnnx({ outputs: { a: exp(a) } })).toThrow(
      'output a has the name of an input: rename one of them',
    );
    expect(() => emitOnnx({ outputs: { a } })).toThrow('output a has the name of an input');
  });

  it('refuses a weight that does not fit its input', () => {
    const request = (weights: Parameters<typeof emitOnnx>[0]['weights']) => () =>
      emitOnnx({ outputs: { y: exp(a) }, weights });
    expect(request(new Map([['a', float32([3, 2], new Float32Array(6))]]))).toThrow(
      'input a is float32[2, 3], but its weight is float32[3, 2]',
    );
    expect(request(new Map([['a', int32([2, 3], new Int32Array(6))]]))).toThrow(
      'input a is float32[2, 3], but its weight is int32[2, 3]',
    );
    expect(request(new Map([['a', { location: 'w.bin', offset: 0, length: 12 }]]))).toThrow(
      'input a is float32[2, 3], 24 bytes, but its weight has 12',
    );
  });
});
