import { describe, expect, it } from 'vitest';
import { float32, int32, ndarray } from '../../src/tensor/index.ts';
import { sliceRows, splitRows, stackRows, takeRows } from '../../src/tensor/rows.ts';

const table = float32([3, 2], [0, 1, 10, 11, 20, 21]);

describe('rows of arrays', () => {
  it('takes some in the order asked for, of any type and number of axes', () => {
    expect(takeRows(table, [2, 0, 2])).toEqual(float32([3, 2], [20, 21, 0, 1, 20, 21]));
    expect(takeRows(int32([3], [7, 8, 9]), Int32Array.of(1))).toEqual(int32([1], [8]));
    const deep = ndarray('int64', [2, 1, 2], BigInt64Array.of(1n, 2n, 3n, 4n));
    expect(takeRows(deep, [1])).toEqual(ndarray('int64', [1, 1, 2], BigInt64Array.of(3n, 4n)));
    expect(takeRows(table, []).shape).toEqual([0, 2]);
    expect(() => takeRows(table, [3])).toThrow('there is no row 3 among 3');
  });

  it('reads through a view into a larger buffer, and slices without a copy', () => {
    const part = sliceRows(table, 1, 3);
    expect(part).toEqual(float32([2, 2], [10, 11, 20, 21]));
    expect(part.data.buffer).toBe(table.data.buffer);
    expect(takeRows(part, [1])).toEqual(float32([1, 2], [20, 21]));
  });

  it('stacks arrays and takes them apart', () => {
    expect(stackRows('float32', [2], [table, takeRows(table, [0])]).shape).toEqual([4, 2]);
    expect(stackRows('float32', [2], [sliceRows(table, 0, 1), sliceRows(table, 1, 3)])).toEqual(table);
    expect(stackRows('float32', [3], []).shape).toEqual([0, 3]);
    expect(splitRows(table)).toEqual([
      Float32Array.of(0, 1),
      Float32Array.of(10, 11),
      Float32Array.of(20, 21),
    ]);
  });
});
