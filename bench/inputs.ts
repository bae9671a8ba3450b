import { float32, int32, type NdArray, sizeOf } from '../src/tensor/index.ts';

/** Knuth's multiplicative hash: the same numbers in torch_bench.py, so that engines can be held to equal results. */
const hash = (i: number): number => Math.imul(i + 1, 2654435761) >>> 0;

/** Pixels in [−1, 1), [batch, 3, side, side]. */
export function pixels(batch: number, side: number): NdArray<'float32'> {
  const shape = [batch, 3, side, side];
  return float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => hash(i) / 2 ** 31 - 1),
  );
}

/** Token ids above the special ones, [batch, length]. */
export const tokenIds = (batch: number, length: number, vocabSize: number): NdArray<'int32'> =>
  int32(
    [batch, length],
    Int32Array.from({ length: batch * length }, (_, i) => 4 + (hash(i) % (vocabSize - 4))),
  );

/** Rows of unit length, [batch, width]. */
export function unitRows(batch: number, width: number): NdArray<'float32'> {
  const rows = Array.from({ length: batch }, (_, row) => {
    const values = Array.from({ length: width }, (_, i) => hash(row * width + i) / 2 ** 31 - 1);
    const norm = Math.hypot(...values);
    return values.map((value) => value / norm);
  });
  return float32([batch, width], rows.flat());
}
