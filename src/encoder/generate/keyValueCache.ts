import type { Arrays, NdArray } from '../../tensor/index.ts';
import { ndarray } from '../../tensor/index.ts';
import { layerNames } from './graphs.ts';

/** Keys and values of the positions written so far, of several texts: what `stepGraph` calls `past`. */
export interface KeyValueCache {
  /** Goes on from texts `parents`, in that order; one text may go on in several ways. */
  reorder(parents: readonly number[]): void;
  /** Puts a step's `present` in at a position. */
  store(present: Arrays, position: number): void;
  /** `past.…` for the current texts. */
  feeds(): Arrays;
}

const NAMES = ['keys', 'values'] as const;

/** A cache for one text with no position written. */
export function keyValueCache(layers: number, length: number, width: number): KeyValueCache {
  const size = length * width;
  let texts = 1;
  let arrays = Array.from({ length: 2 * layers }, () => new Float32Array(size));
  const nameAt = (kind: string, i: number) => layerNames(kind, i >> 1)[NAMES[i % 2 === 0 ? 0 : 1]];
  return {
    reorder(parents) {
      if (parents.length === texts && parents.every((parent, i) => parent === i)) return;
      arrays = arrays.map((array) => {
        const next = new Float32Array(parents.length * size);
        parents.forEach((parent, i) => {
          next.set(array.subarray(parent * size, (parent + 1) * size), i * size);
        });
        return next;
      });
      texts = parents.length;
    },
    store(present, position) {
      arrays.forEach((array, i) => {
        const rows = present[nameAt('present', i)]!.data as Float32Array;
        for (let text = 0; text < texts; text++) {
          array.set(rows.subarray(text * width, (text + 1) * width), text * size + position * width);
        }
      });
    },
    feeds() {
      const entries = arrays.map((array, i): [string, NdArray] => [
        nameAt('past', i),
        ndarray('float32', [texts, length, width], array),
      ]);
      return Object.fromEntries(entries);
    },
  };
}
