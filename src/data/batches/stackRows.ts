import { type Arrays, type NdArray, zeros } from '../../tensor/index.ts';

/** Puts batches of one together to a batch of `count`, without holding them. */
export function createStack(count: number) {
  const stacked: Record<string, NdArray<'float32'> | NdArray<'int32'>> = {};
  return {
    /** Copies arrays of shape [1, …] to row `index`. All calls must give the same names, types and shapes. */
    set(index: number, row: Arrays): void {
      for (const [name, array] of Object.entries(row)) {
        if (!isNumbers(array)) throw new TypeError(`${name} is ${array.dtype}; rows are float32 or int32`);
        const whole = [count, ...array.shape.slice(1)];
        stacked[name] ??= array.dtype === 'float32' ? zeros('float32', whole) : zeros('int32', whole);
        const { data, shape } = stacked[name];
        if (array.shape.slice(1).join() !== shape.slice(1).join())
          throw new RangeError(`${name}: a row of [${array.shape}] does not fit into [${shape}]`);
        data.set(array.data, index * array.data.length);
      }
    },
    arrays: (): Arrays => stacked,
  };
}

const isNumbers = (array: NdArray): array is NdArray<'float32'> | NdArray<'int32'> =>
  array.dtype === 'float32' || array.dtype === 'int32';
