import { check, rule, wholeNumber } from '../../tensor/settings.ts';

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

/** A limit; none is Infinity. */
const limit = rule<number>('a number above 0', (value) => typeof value === 'number' && value > 0);

/** @throws RangeError naming the limit that is none: without this a limit of NaN would let everything pass */
export function checkLimits(limits: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(limits)) if (value !== undefined) check(name, limit, value);
}
