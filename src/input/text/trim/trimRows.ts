import type { DType, NdArray } from '../../../tensor/ndarray.ts';
import { takeRows } from '../../../tensor/rows.ts';

/**
 * Rows of an embedding table in a new order: row i of the result is row `kept[i]`.
 * @param table [V, d] of any dtype. @param kept old row of each new row, as `trimTokenizer` returns it.
 * @returns [kept.length, d], a copy.
 * @throws RangeError when the table is not two-dimensional or a row is outside it.
 * @example
 * const table = float32([3, 2], [0, 1, 2, 3, 4, 5]);
 * console.log(trimRows(table, Int32Array.of(0, 2)).shape); // [2, 2]
 */
export function trimRows<D extends DType>(table: NdArray<D>, kept: Int32Array): NdArray<D> {
  const [rows] = table.shape;
  if (table.shape.length !== 2 || rows === undefined) {
    throw new RangeError(`the embedding table has shape [${table.shape.join(', ')}]; it has to be [V, d]`);
  }
  const outside = kept.find((row) => row < 0 || row >= rows);
  if (outside !== undefined) {
    throw new RangeError(
      `row ${outside} is not in the table of ${rows} rows; trim with this model's tokenizer`,
    );
  }
  return takeRows(table, kept);
}
