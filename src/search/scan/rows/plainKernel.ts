import { RECORD_HEAD } from './layout.ts';

/**
 * Scores rows of a bank against the query in it; positions are bytes. Where a row can reach the bar
 * (sum · scale · queryScale + radius · queryNorm ≥ bar), its slot and its sum are written at `out`, two 32-bit integers.
 * Slots with the highest bit set (`READ_ONLY`) are not answered.
 * @returns the end of what was written
 */
export type Score = (
  slots: number,
  count: number,
  rows: number,
  stride: number,
  vectors: number,
  query: number,
  queryScale: number,
  queryNorm: number,
  bar: number,
  out: number,
) => number;

/** What scan.wat does, in TypeScript: for engines without 128-bit vectors, and to test it against. */
export const plainScore =
  (buffer: () => ArrayBufferLike): Score =>
  (slots, count, rows, stride, vectors, query, queryScale, queryNorm, bar, out) => {
    const bytes = buffer();
    const width = vectors * 16;
    const listed = new Int32Array(bytes, slots, count);
    const factors = new Int16Array(bytes, query, width);
    const found = new Int32Array(bytes, out, count * 2);
    let end = 0;
    for (const slot of listed) {
      // The kernel reads such rows; what is not needed need not be read here.
      if (slot < 0) continue;
      const at = rows + slot * stride;
      const [scale, radius] = new Float32Array(bytes, at, 2);
      const values = new Int8Array(bytes, at + RECORD_HEAD, width);
      let sum = 0;
      for (let i = 0; i < width; i++) sum += factors[i]! * values[i]!;
      if (!(sum * scale! * queryScale + radius! * queryNorm >= bar)) continue;
      found[end++] = slot;
      found[end++] = sum;
    }
    return out + end * 4;
  };
