import type { ShardedSource } from '../../../src/data/sources/source.ts';
import { Finding } from '../harness/target.ts';

/** More reads than any input of a fuzzer can hold. */
const MAX_READS = 200_000;

/** Reads the one shard of a source to its end, and goes on from the middle as a run that is continued. */
export async function readsOf(source: ShardedSource): Promise<string> {
  const places: number[] = [];
  const reasons = new Set<string>();
  for await (const { bad, next } of source.open(0, 0)) {
    if (!(Number.isSafeInteger(next) && next >= (places.at(-1) ?? 0)))
      throw new Finding(`goes on at ${next} after ${places.at(-1)}`);
    places.push(next);
    if (bad) reasons.add(bad.reason);
    if (places.length > MAX_READS) throw new Finding(`gives more than ${MAX_READS} samples`);
  }
  const middle = Math.floor(places.length / 2);
  let rest = 0;
  if (places.length > 0) for await (const _ of source.open(0, places[middle]!)) rest++;
  if (places.length > 0 && rest !== places.length - middle - 1)
    throw new Finding(`gives ${rest} samples after ${middle + 1} of ${places.length}`);
  return `${places.length} reads${reasons.size > 0 ? `, ${[...reasons].join(', ')}` : ''}`;
}
