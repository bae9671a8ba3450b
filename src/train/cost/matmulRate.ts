import { matmulFlops } from '../../tensor/cost/flops.ts';
import { compile, float32, input, matmul, type SessionOptions, zeros } from '../../tensor/index.ts';

const SIZE = 1024;
const MILLISECONDS = 400;

/**
 * Floating-point operations per second of the engine's matrix product [1024, 1024]², measured for half a second: the
 * fastest of its runs, as what else the machine does only slows it down.
 */
export async function matmulRate(options: SessionOptions = {}): Promise<number> {
  const [a, b] = [input('a', 'float32', [SIZE, SIZE]), input('b', 'float32', [SIZE, SIZE])];
  const session = await compile({ outputs: { product: matmul(a, b) } }, options);
  try {
    const ones = float32([SIZE, SIZE], new Float32Array(SIZE * SIZE).fill(1));
    const bound = session.bind({ a: ones, b: ones }, { product: zeros('float32', [SIZE, SIZE]) });
    await bound.run();
    let fastest = Number.POSITIVE_INFINITY;
    const end = performance.now() + MILLISECONDS;
    while (performance.now() < end) {
      const start = performance.now();
      await bound.run();
      fastest = Math.min(fastest, performance.now() - start);
    }
    bound.dispose();
    return (matmulFlops(SIZE, SIZE, SIZE) / fastest) * 1000;
  } finally {
    await session.dispose();
  }
}
