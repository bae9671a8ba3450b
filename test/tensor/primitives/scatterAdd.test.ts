import { describe, expect, it } from 'vitest';
import { compile, float32, input, int32, scatterAdd } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';

/** Many updates per row: an executor whose threads race on repeated ids loses some of them. */
const UPDATES = 20_000;
const ROWS = 50;
const WIDTH = 64;

describe('scatterAdd of many repeated ids', () => {
  it('is exact and the same in every run on several threads', async () => {
    const random = createRandom(1, 'scatterAdd');
    const ids = Int32Array.from({ length: UPDATES }, () => random.int(ROWS));
    const values = Float32Array.from({ length: UPDATES * WIDTH }, () => random.uniform(-1, 1));
    // float32 additions in the order of the ids: the result must be equal to the bit.
    const expected = new Float32Array(ROWS * WIDTH);
    for (let i = 0; i < UPDATES; i++) {
      for (let j = 0; j < WIDTH; j++) expected[ids[i]! * WIDTH + j]! += values[i * WIDTH + j]!;
    }
    const y = scatterAdd(
      input('ids', 'int32', [UPDATES]),
      input('values', 'float32', [UPDATES, WIDTH]),
      ROWS,
    );
    const session = await compile({ outputs: { y } }, { threads: 4 });
    const feeds = { ids: int32([UPDATES], ids), values: float32([UPDATES, WIDTH], values) };
    // The racing form was wrong in 2 of 3 runs here.
    for (let run = 0; run < 20; run++) {
      const result = await session.run(feeds);
      expect(Buffer.from(result['y']!.data.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
    }
    await session.dispose();
  });
});
