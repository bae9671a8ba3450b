import { float16ToFloat32 } from '../../../checkpoint/safetensors/castFloat.ts';

/**
 * The inner product of a query with a row of float16 vectors, summed in double precision from the first value to the
 * last. Every store gives this as the score, whatever it searched with: the same answers, to the bit.
 * @param query [width]
 * @param vectors [n, width], float16 as bits
 */
export function innerProduct(query: Float32Array, vectors: Uint16Array, row: number): number {
  const width = query.length;
  const values = float16ToFloat32(vectors.subarray(row * width, (row + 1) * width));
  let sum = 0;
  for (let i = 0; i < width; i++) sum += query[i]! * values[i]!;
  return sum;
}
