import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkRun } from '../../../../src/tensor/engines/onnxruntime/check.ts';
import { type NdArray, ndarray } from '../../../../src/tensor/ndarray.ts';
import type { TensorSpec } from '../../../../src/tensor/session.ts';

interface Slice {
  readonly buffer: number;
  readonly start: number;
  readonly length: number;
  readonly written: boolean;
}

const slices = fc.array(
  fc.record({
    buffer: fc.integer({ min: 0, max: 1 }),
    start: fc.integer({ min: 0, max: 30 }),
    length: fc.integer({ min: 0, max: 6 }),
    written: fc.boolean(),
  }),
  { maxLength: 8 },
);

const overlap = (a: Slice, b: Slice): boolean =>
  (a.written || b.written) &&
  a.buffer === b.buffer &&
  Math.max(a.start, b.start) < Math.min(a.start + a.length, b.start + b.length);

it('refuses exactly those arrays of which an output shares bytes with another', () => {
  const buffers = [new ArrayBuffer(40), new SharedArrayBuffer(40)];
  fc.assert(
    fc.property(slices, (list) => {
      const named = list.map((slice, i) => ({ name: `t${i}`, ...slice }));
      const specs = (written: boolean): TensorSpec[] =>
        named
          .filter((slice) => slice.written === written)
          .map(({ name, length }) => ({ name, dtype: 'uint8', shape: [length] }));
      const arrays = (written: boolean): Record<string, NdArray> => {
        const chosen = named.filter((slice) => slice.written === written);
        return Object.fromEntries(
          chosen.map(({ name, buffer, start, length }) => [
            name,
            ndarray('uint8', [length], new Uint8Array(buffers[buffer] ?? new ArrayBuffer(0), start, length)),
          ]),
        );
      };
      const clash = named.some((a, i) => named.slice(i + 1).some((b) => overlap(a, b)));
      const check = () => checkRun(specs(false), specs(true), arrays(false), arrays(true));
      if (clash) expect(check).toThrow('shares memory with');
      else check();
    }),
    { numRuns: 500 },
  );
});
