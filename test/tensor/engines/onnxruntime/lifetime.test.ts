import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createSession } from '../../../../src/tensor/engines/onnxruntime/createSession.ts';
import { float32, type NdArray, ndarray, zeros } from '../../../../src/tensor/ndarray.ts';
import type { BoundRun, Session } from '../../../../src/tensor/session.ts';
import { model, withSession } from './fixtures.ts';

setFlagsFromString('--expose-gc');
const gc: () => void = runInNewContext('gc');

const filled = (shape: number[], value: number): NdArray<'float32'> => {
  const array = zeros('float32', shape);
  array.data.fill(value);
  return array;
};

/** Enough for freed memory to be given out again: the mutants of `valueOver` fail by the second step. */
const STEPS = 8;

/** Collects, then fills the freed memory with other numbers, so that a run over freed buffers shows. */
function collectAndScribble(): void {
  gc();
  // The sizes of the arrays that the tests below let go.
  for (const length of [64 * 64, 64 * 256]) {
    for (let i = 0; i < 50; i++) new Float32Array(length).fill(Number.NaN);
  }
}

describe.each(['c-api', 'binding'] as const)('buffers over %s', (transport) => {
  it('live as long as a binding that nobody else refers to', () =>
    withSession('chain', { transport }, async (session) => {
      const y = zeros('float32', [64, 64]);
      const bindWithTemporaries = (): BoundRun =>
        session.bind({ x: filled([64, 64], 1), w: filled([64, 64], 0.5) }, { y });
      const bound = bindWithTemporaries();
      for (let step = 0; step < STEPS; step++) {
        collectAndScribble();
        y.data.fill(0);
        const running = bound.run();
        collectAndScribble();
        await running;
        // Each product is 64 · 1 · 0.5 = 32 times the one before: powers of two, so exact.
        expect(y.data.every((value) => value === 32 ** 3)).toBe(true);
      }
    }));

  it('live through a run whose arguments and result nobody holds', () =>
    withSession('chain', { transport }, async (session) => {
      for (let step = 0; step < STEPS; step++) {
        const running = session.run({ x: filled([64, 64], 1), w: filled([64, 64], 0.5) });
        collectAndScribble();
        await new Promise((resolve) => setImmediate(resolve));
        collectAndScribble();
        expect((await running)['y']?.data.every((value) => value === 32 ** 3)).toBe(true);
      }
    }));

  it('that are weights live as long as the session', async () => {
    const open = (): Promise<Session> =>
      createSession(model('gather_external'), {
        transport,
        threads: 1,
        initializers: { table: filled([64, 256], 0.25) },
      });
    const opening = open();
    collectAndScribble();
    const session = await opening;
    for (let step = 0; step < STEPS; step++) {
      collectAndScribble();
      const { y } = await session.run({ index: ndarray('int64', [2], BigInt64Array.of(0n, 63n)) });
      expect(y?.data.every((value) => value === 0.25)).toBe(true);
    }
    await session.dispose();
  });

  it('do not pile up over 500 runs', async () => {
    const rows = 128;
    const step = (session: Session) =>
      session.run({ x: filled([rows, rows], 1), y: filled([rows, rows], 2) });
    await withSession('add', { transport }, async (session) => {
      for (let i = 0; i < 100; i++) await step(session);
      gc();
      const before = process.memoryUsage.rss();
      for (let i = 0; i < 500; i++) {
        await step(session);
        // V8 counts our buffers late; collecting keeps its own delay out of the measurement.
        if (i % 50 === 49) gc();
      }
      const grown = process.memoryUsage.rss() - before;
      // Leaking one of the three 64 KiB arrays per run would be 32 MiB.
      expect(grown).toBeLessThan(24 * 2 ** 20);
    });
  });
});

it('releases what the runtime allocates: 500 bound runs and 500 native outputs stay flat', async () => {
  await withSession('add', { transport: 'c-api' }, async (session) => {
    const feeds = { x: filled([256, 256], 1), y: filled([256, 256], 2) };
    const targets = { z: zeros('float32', [256, 256]), s: zeros('float32', [256]) };
    const bound = session.bind(feeds, targets);
    for (let i = 0; i < 100; i++) await bound.run();
    gc();
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 500; i++) await bound.run();
    // `z` has symbolic sizes, so the runtime allocates its 256 KiB; a leak would be 125 MiB.
    for (let i = 0; i < 500; i++) {
      await session.run(feeds, { s: targets.s });
      if (i % 50 === 49) gc();
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(48 * 2 ** 20);
    expect(float32([1], [targets.s.data[0] ?? 0]).data[0]).toBe(256 * 3);
  });
});
