import { check, wholeNumber } from '../../tensor/settings.ts';

/**
 * @param what names the index
 * @throws RangeError saying how many there are
 */
export function checkIndex(what: string, index: number, size: number): void {
  if (!(Number.isInteger(index) && index >= 0 && index < size))
    throw new RangeError(
      `${what} is ${index}; it must be a whole number from 0 to ${size - 1} (there are ${size})`,
    );
}

/** @throws RangeError when there is no such shard, or no place of that kind */
export function checkPlace(name: string, shards: readonly string[], shard: number, place: number): void {
  checkIndex(`${name}: shard`, shard, shards.length);
  check(`${name}: place`, wholeNumber, place);
}
