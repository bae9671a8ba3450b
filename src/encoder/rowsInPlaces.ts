import { ndarray } from '../tensor/index.ts';
import type { Embeddings } from './embeddings.ts';

/** A table that is filled row by row in any order; rows that were never set are left out of it in the end. */
export interface RowsInPlaces {
  /** @param rows [places.length, width] */
  set(places: readonly number[], rows: Float32Array): void;
  /** The rows that were set, in the order of their places. */
  table(): Embeddings;
}

/** Room for `count` rows of `width` numbers. */
export function rowsInPlaces(count: number, width: number): RowsInPlaces {
  const data = new Float32Array(count * width);
  const filled = new Uint8Array(count);
  return {
    set(places, rows) {
      places.forEach((place, i) => {
        data.set(rows.subarray(i * width, (i + 1) * width), place * width);
        filled[place] = 1;
      });
    },
    table() {
      let rows = 0;
      for (let place = 0; place < count; place++) {
        if (filled[place] === 0) continue;
        if (rows < place) data.copyWithin(rows * width, place * width, (place + 1) * width);
        rows++;
      }
      return ndarray('float32', [rows, width], data.subarray(0, rows * width));
    },
  };
}
