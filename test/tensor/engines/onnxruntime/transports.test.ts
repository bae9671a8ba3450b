import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSession } from '../../../../src/tensor/engines/onnxruntime/createSession.ts';
import { type DType, float32, type NdArray, ndarray, zeros } from '../../../../src/tensor/ndarray.ts';
import { model, withSession } from './fixtures.ts';

const ones = (shape: number[]): NdArray<'float32'> =>
  float32(shape, new Array(shape.reduce((a, b) => a * b, 1)).fill(1));
const counting = (rows: number, columns: number) =>
  float32(
    [rows, columns],
    Array.from({ length: rows * columns }, (_, i) => i),
  );

describe.each(['c-api', 'binding'] as const)('a session over %s', (transport) => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'session-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('describes inputs and outputs', () =>
    withSession('add', { transport }, async (session) => {
      expect(session.transport).toBe(transport);
      expect(session.inputs).toEqual([
        { name: 'x', dtype: 'float32', shape: ['rows', 'columns'] },
        { name: 'y', dtype: 'float32', shape: ['rows', 'columns'] },
      ]);
      expect(session.outputs[1]).toEqual({ name: 's', dtype: 'float32', shape: ['rows'] });
    }));

  it('runs with sizes that differ from call to call', () =>
    withSession('add', { transport }, async (session) => {
      for (const [rows, columns] of [
        [2, 3],
        [1, 1],
        [0, 4],
        [40, 50],
      ] as const) {
        const { z, s } = await session.run({ x: counting(rows, columns), y: ones([rows, columns]) });
        expect(z).toEqual(
          float32(
            [rows, columns],
            counting(rows, columns).data.map((n) => n + 1),
          ),
        );
        const sum = (row: number) => columns * (row * columns + 1) + (columns * (columns - 1)) / 2;
        expect(s).toEqual(
          float32(
            [rows],
            Array.from({ length: rows }, (_, row) => sum(row)),
          ),
        );
      }
    }));

  it('writes into given arrays and allocates the rest', () =>
    withSession('add', { transport }, async (session) => {
      const z = zeros('float32', [2, 2]);
      const result = await session.run({ x: counting(2, 2), y: ones([2, 2]) }, { z });
      expect(result['z']).toBe(z);
      expect([...z.data]).toEqual([1, 2, 3, 4]);
      expect([...(result['s'] as NdArray<'float32'>).data]).toEqual([3, 7]);
    }));

  it('takes a model in memory, at any offset of its buffer', async () => {
    const bytes = await readFile(model('add_static'));
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    const session = await createSession(shifted, { transport, threads: 1 });
    const { z } = await session.run({ x: counting(2, 3), y: ones([2, 3]) });
    expect([...(z as NdArray<'float32'>).data]).toEqual([1, 2, 3, 4, 5, 6]);
    await session.dispose();
  });

  it('passes every dtype through unchanged', () =>
    withSession('dtypes', { transport }, async (session) => {
      const feeds = {
        float32: ndarray('float32', [3], Float32Array.of(0.5, -0, Number.POSITIVE_INFINITY)),
        float16: ndarray('float16', [3], Uint16Array.of(0x3c00, 0x8000, 0x7bff)),
        int32: ndarray('int32', [3], Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1)),
        int64: ndarray('int64', [3], BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 63n - 1n)),
        uint8: ndarray('uint8', [3], Uint8Array.of(0, 128, 255)),
        bool: ndarray('bool', [3], Uint8Array.of(0, 1, 1)),
      };
      const result = await session.run(feeds);
      for (const [name, array] of Object.entries(feeds)) expect(result[`${name}_out`], name).toEqual(array);
    }));

  it('reads pooled, offset and shared buffers', () =>
    withSession('add', { transport }, async (session) => {
      const pooled = Buffer.from(Float32Array.of(1, 2).buffer.slice(0));
      const slice = Buffer.allocUnsafe(24).subarray(8, 16);
      slice.set(pooled);
      expect(slice.byteOffset % 4).toBe(0);
      const x = ndarray('float32', [1, 2], new Float32Array(slice.buffer, slice.byteOffset, 2));
      const shared = new Float32Array(new SharedArrayBuffer(64), 16, 2);
      shared.set([10, 20]);
      const target = new Float32Array(new SharedArrayBuffer(32), 8, 2);
      await session.run(
        { x, y: ndarray('float32', [1, 2], shared) },
        { z: ndarray('float32', [1, 2], target) },
      );
      expect([...target]).toEqual([11, 22]);
    }));

  it('handles scalars and outputs whose size only the run knows', async () => {
    await withSession('scalar', { transport }, async (session) => {
      expect(await session.run({ x: float32([], [5]) })).toEqual({ y: float32([], [-5]) });
    });
    await withSession('nonzero', { transport }, async (session) => {
      const { y } = await session.run({ x: float32([4], [0, 7, 0, 7]) });
      expect(y).toEqual(ndarray('int64', [1, 2], BigInt64Array.of(1n, 3n)));
      expect((await session.run({ x: float32([1], [0]) }))['y']?.shape).toEqual([1, 0]);
    });
  });

  it('reruns a binding over changing contents', () =>
    withSession('add', { transport }, async (session) => {
      const x = ones([2, 2]);
      const z = zeros('float32', [2, 2]);
      const s = zeros('float32', [2]);
      const bound = session.bind({ x, y: ones([2, 2]) }, { z, s });
      for (let step = 0; step < 5; step++) {
        x.data.fill(step);
        await bound.run();
        expect([...z.data, ...s.data]).toEqual([
          ...new Array(4).fill(step + 1),
          ...new Array(2).fill(2 * step + 2),
        ]);
      }
      bound.dispose();
      bound.dispose();
      await expect(bound.run()).rejects.toThrow('bound run is disposed');
    }));

  it('keeps concurrent calls apart', () =>
    withSession('add', { transport }, async (session) => {
      const calls = Array.from({ length: 20 }, (_, i) =>
        session.run({ x: float32([1, 1], [i]), y: float32([1, 1], [100]) }),
      );
      const results = await Promise.all(calls);
      expect(results.map(({ z }) => z?.data[0])).toEqual(calls.map((_, i) => 100 + i));
    }));

  it('goes on after a run that failed, and says what failed', () =>
    withSession('gather', { transport }, async (session) => {
      const index = (n: bigint) => ({ index: ndarray('int64', [1], BigInt64Array.of(n)) });
      const failed = session.run(index(7n));
      const next = session.run(index(1n));
      await expect(failed).rejects.toThrow(/Running the graph failed.*lookup/s);
      expect((await next)['y']).toEqual(float32([1], [2]));
    }));

  it('names what is wrong with the arrays', () =>
    withSession('add', { transport }, async (session) => {
      const x = ones([2, 2]);
      const y = ones([2, 2]);
      const fails = (
        feeds: Record<string, NdArray>,
        message: string | RegExp,
        into?: Record<string, NdArray>,
      ) => expect(session.run(feeds, into)).rejects.toThrow(message);
      await fails({ x }, 'Input "y" is missing');
      await fails({ x, y, w: x }, 'no input "w"; its inputs are x, y');
      await fails(
        { x, y: ndarray('int32', [2, 2], new Int32Array(4)) },
        'Input "y" is int32; the graph needs float32',
      );
      await fails({ x, y: ones([4]) }, 'Input "y" has shape [4]; the graph needs [rows, columns]');
      await fails({ x, y: ones([3, 2]) }, 'Input "y" has rows = 3, but Input "x" has rows = 2');
      await fails({ x, y: { ...y, shape: [2, 3] } }, 'Input "y" has 4 elements');
      await fails({ x, y }, 'no output "q"', { q: zeros('float32', [2, 2]) });
      await fails({ x, y }, 'Output "z" has columns = 1', { z: zeros('float32', [2, 1]) });
      await fails({ x, y }, 'Output "z" shares memory with input "y"', { z: y });
      const s = ndarray('float32', [2], y.data.subarray(1, 3));
      await fails({ x, y }, 'Output "s" shares memory with input "y"', { s });
      expect(() => session.bind({ x, y }, { z: zeros('float32', [2, 2]) })).toThrow(
        'Output "s" has no buffer',
      );
    }));

  it('waits for runs in flight when it is disposed, and is closed afterwards', async () => {
    const session = await createSession(model('chain'), { transport, threads: 1 });
    const x = ones([64, 64]);
    const bound = session.bind({ x, w: ones([64, 64]) }, { y: zeros('float32', [64, 64]) });
    const runs = [session.run({ x, w: x }), bound.run(), session.run({ x, w: x })];
    const disposed = session.dispose();
    const settled = await Promise.allSettled(runs);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    await disposed;
    await session.dispose();
    bound.dispose();
    await expect(session.run({ x, w: x })).rejects.toThrow('session is disposed');
    await expect(bound.run()).rejects.toThrow('disposed');
  });

  it('keeps the event loop free while it computes', () =>
    withSession('chain', { transport }, async (session) => {
      const x = ones([900, 900]);
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      await session.run({ x, w: x });
      clearInterval(timer);
      // Three products of 900³ take tens of milliseconds on any machine.
      expect(ticks).toBeGreaterThan(2);
    }));

  const weight = counting(64, 48);
  const bias = float32(
    [48],
    Array.from({ length: 48 }, (_, i) => -i),
  );
  const expected = Array.from({ length: 48 }, (_, j) => 64 * j + (48 * 64 * 63) / 2 - j);

  it('reads weights from a slice of a file', async () => {
    const file = Buffer.alloc(4096 + weight.data.byteLength + bias.data.byteLength);
    file.set(new Uint8Array(weight.data.buffer), 4096);
    file.set(new Uint8Array(bias.data.buffer), 4096 + weight.data.byteLength);
    await writeFile(join(folder, 'weights.safetensors'), file);
    const bytes = await readFile(model('linear_external'));
    const session = await createSession(bytes, { transport, threads: 1, externalDataFolder: folder });
    const { y } = await session.run({ x: ones([1, 64]) });
    // Sums of integers below 2^24 are exact in float32.
    expect([...(y as NdArray<'float32'>).data]).toEqual(expected);
    await session.dispose();
  });

  it('takes weights from memory', async () => {
    const initializers = { weight, bias };
    await withSession('linear_external', { transport, initializers }, async (session) => {
      const { y } = await session.run({ x: ones([2, 64]) });
      expect([...(y as NdArray<'float32'>).data]).toEqual([...expected, ...expected]);
    });
    await expect(
      createSession(model('linear_external'), { transport, initializers: { ...initializers, other: bias } }),
    ).rejects.toThrow(/"?other"?/);
  });

  it('writes a profile on request and says where', async () => {
    const session = await createSession(model('scalar'), {
      transport,
      threads: 1,
      profile: join(folder, 'trace'),
    });
    await session.run({ x: float32([], [1]) });
    const path = await session.dispose();
    expect(await session.dispose()).toBe(path);
    expect(await readFile(String(path), 'utf8')).toContain('"Neg"');
  });

  it('explains models and options that it cannot use', async () => {
    const bad = (source: string | Uint8Array, options: object = {}) =>
      createSession(source, { transport, ...options });
    await expect(bad(join(folder, 'none.onnx'))).rejects.toThrow(/none\.onnx.*failed/);
    await expect(bad(Uint8Array.of(1, 2, 3))).rejects.toThrow(/the model in memory.*protobuf/);
    await expect(bad(model('add'), { threads: 0 })).rejects.toThrow('threads is 0');
    await expect(bad(model('add'), { device: 'dml' })).rejects.toThrow(/"dml".*cpu/is);
  });

  it('leaves out optimisers by name', () =>
    withSession(
      'add',
      { transport, disabledOptimizers: ['CommonSubexpressionElimination'] },
      async (session) => {
        expect((await session.run({ x: ones([1, 1]), y: ones([1, 1]) }))['z']).toEqual(float32([1, 1], [2]));
      },
    ));
});

it('passes bfloat16 bits over the C interface; the binding has no such type and says so', async () => {
  await withSession('bfloat16', { transport: 'c-api' }, async (session) => {
    const x = ndarray('bfloat16' satisfies DType, [2], Uint16Array.of(0x3f80, 0xff7f));
    expect((await session.run({ x }))['y']).toEqual(x);
  });
  await expect(createSession(model('bfloat16'), { transport: 'binding' })).rejects.toThrow('16');
});
