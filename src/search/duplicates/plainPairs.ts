import type { NearPair } from './copies.ts';

/** Rows that are compared with as many others before the next are taken: they stay in the processor's cache. */
const BLOCK = 256;

/** Inner product of rows `a` and `b`; four sums, so that they need not wait for each other. */
function rowProduct(rows: Float32Array, width: number, a: number, b: number): number {
  let [s, t, u, v] = [0, 0, 0, 0];
  const [i, j] = [a * width, b * width];
  const whole = width - (width % 4);
  for (let k = 0; k < whole; k += 4) {
    s += rows[i + k]! * rows[j + k]!;
    t += rows[i + k + 1]! * rows[j + k + 1]!;
    u += rows[i + k + 2]! * rows[j + k + 2]!;
    v += rows[i + k + 3]! * rows[j + k + 3]!;
  }
  for (let k = whole; k < width; k++) s += rows[i + k]! * rows[j + k]!;
  return s + t + u + v;
}

/**
 * All pairs of rows whose cosine is at least `threshold`, by comparing all with all.
 * @param ids of the rows
 * @param rows [n, width] of unit length
 * @param onProgress told of how many of all pairs are compared
 */
export function plainPairs(
  ids: readonly number[],
  rows: Float32Array,
  width: number,
  threshold: number,
  onProgress: (done: number, total: number) => void = () => {},
): NearPair[] {
  const pairs: NearPair[] = [];
  const count = ids.length;
  const total = (count * (count - 1)) / 2;
  let done = 0;
  for (let top = 0; top < count; top += BLOCK)
    for (let left = top; left < count; left += BLOCK) {
      const [bottom, right] = [Math.min(top + BLOCK, count), Math.min(left + BLOCK, count)];
      for (let a = top; a < bottom; a++)
        for (let b = Math.max(left, a + 1); b < right; b++) {
          const cosine = rowProduct(rows, width, a, b);
          done++;
          if (cosine >= threshold) pairs.push({ a: ids[a]!, b: ids[b]!, cosine });
        }
      onProgress(done, total);
    }
  return pairs;
}
