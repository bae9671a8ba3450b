import { createRandom } from '../../../src/tensor/random.ts';
import { mutateBytes } from '../mutators/bytes.ts';
import type { FuzzTarget } from './target.ts';

/** The input with a number: the seeds come first. It depends on nothing but its arguments, so that it can be had again. */
export function inputAt(
  name: string,
  target: FuzzTarget,
  seeds: readonly Uint8Array[],
  seed: number,
  index: number,
): Uint8Array {
  const first = seeds[index];
  if (first) return first;
  const random = createRandom(seed, 'fuzz', name, index);
  return (target.mutate ?? mutateBytes)(random, random.pick(seeds), seeds);
}
