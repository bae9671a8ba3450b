import type { NdArray } from '../../../tensor/index.ts';

/** Gives an array that may be changed, of the same numbers. */
export type TakeArray = (array: NdArray<'float32'>) => NdArray<'float32'>;

export const copied: TakeArray = (array) => ({ ...array, data: array.data.slice() });

/**
 * Gives arrays themselves where they are `owned`, else copies. An array that was handed out before, or is a part of a
 * larger one, is copied in any case.
 * @param kept arrays that others have
 */
export function taking(owned: boolean, kept: Iterable<NdArray>): TakeArray {
  const taken = new Set([...kept].map(({ data }) => data.buffer));
  return (array) => {
    const { buffer, byteLength } = array.data;
    const mine = owned && !taken.has(buffer) && buffer.byteLength === byteLength;
    taken.add(buffer);
    return mine ? array : copied(array);
  };
}
