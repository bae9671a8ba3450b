import { expect, test } from 'vitest';
import { assembleResampleKernel } from '../../../../parity/resampleKernel.ts';
import { RESAMPLE_BYTES } from '../../../../src/input/image/resize/resampleBytes.ts';
import { kernelResampler } from '../../../../src/input/image/resize/resampleKernel.ts';
import { scalarResampler } from '../../../../src/input/image/resize/resampleScalar.ts';
import { resamplingTable } from '../../../../src/input/image/resize/resamplingTable.ts';
import { createRandom } from '../../../../src/tensor/random.ts';

test('the bytes are those of resample.wat', async () => {
  expect(RESAMPLE_BYTES).toBe(Buffer.from(await assembleResampleKernel()).toString('base64'));
});

test('an image that is too long is left to the scalar passes', () => {
  expect(kernelResampler(2 ** 20)).toBeDefined();
  expect(kernelResampler(2 ** 22)).toBeUndefined();
});

test('a large image goes through in bands, and the kernel keeps the memory of one', () => {
  const vector = kernelResampler(0)!;
  const [width, height] = [2999, 999];
  const data = new Uint8Array(width * height * 3);
  // Noise, made quickly.
  for (let i = 0, state = 1; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = state >>> 24;
  }
  const rows = resamplingTable(width, 61, 'bicubic');
  const columns = resamplingTable(height, 67, 'bicubic');
  const before = process.memoryUsage().external;
  const bytes = [vector, scalarResampler].map((resampler) => [
    resampler.resizeRows(data, width, height, 61, rows),
    resampler.resizeColumns(data, width * 3, 67, columns),
  ]);
  expect(Buffer.compare(bytes[0]![0]!, bytes[1]![0]!)).toBe(0);
  expect(Buffer.compare(bytes[0]![1]!, bytes[1]![1]!)).toBe(0);
  // The image has 9 MB, what is made of it 1, a band 4.
  expect(process.memoryUsage().external - before).toBeLessThan(9e6);
});

// Integers in another order: not a bit may differ. Black and white overshoot most with bicubic's negative weights.
test.each(['bilinear', 'bicubic'] as const)('%s passes equal the scalar ones', (filter) => {
  const random = createRandom(1, 'resample kernel', filter);
  const vector = kernelResampler(0)!;
  // One row, one column, one tap, more taps than a whole low part may add up to (514), rows shorter than a vector.
  const sizes = [
    [1, 1, 1],
    [1, 5, 3],
    [7, 1, 9],
    [1400, 2, 1],
    [3, 40, 640],
    ...Array.from({ length: 30 }, () => [1 + random.int(90), 1 + random.int(60), 1 + random.int(90)]),
  ] as [number, number, number][];
  for (const [input, other, output] of sizes) {
    const noise = random.int(2) === 0;
    const data = Uint8Array.from({ length: input * other * 3 }, () =>
      noise ? random.int(256) : 255 * random.int(2),
    );
    const table = resamplingTable(input, output, filter);
    for (const pass of ['rows', 'columns'] as const) {
      const [actual, expected] = [vector, scalarResampler].map((resampler) =>
        pass === 'rows'
          ? resampler.resizeRows(data, input, other, output, table)
          : resampler.resizeColumns(data, other * 3, output, table),
      );
      expect(Buffer.compare(actual!, expected!), `${pass} ${input} → ${output}, ${other} across`).toBe(0);
    }
  }
});
