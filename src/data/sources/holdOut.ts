import { createRandom } from '../../tensor/random.ts';
import { check, share as shareRule, wholeNumber } from '../../tensor/settings.ts';
import type { Sample } from '../samples/sample.ts';
import { checkIndex } from './place.ts';
import type { IndexedSource } from './source.ts';

/**
 * Some samples of a source that can be read in any order, in the order of `indices`.
 * @throws RangeError naming the index that the source does not have
 * @example
 * const photos = await imageFolder('photos');
 * const firstTwo = subset(photos, [0, 1]);
 */
export function subset(source: IndexedSource, indices: readonly number[]): IndexedSource {
  const { name, size } = source;
  for (const [i, index] of indices.entries()) checkIndex(`indices[${i}]`, index, size);
  return {
    kind: 'indexed',
    name,
    size: indices.length,
    async read(index) {
      checkIndex(`${name}: index`, index, indices.length);
      return await source.read(indices[index]!);
    },
  };
}

/**
 * How many of each kind are held out: the share of all samples, given to kinds by their size (largest remainders). A kind
 * keeps at least one sample to be learnt from; where kinds are small, some give none.
 * @param order which kind comes first where remainders are equal
 */
function quotas(sizes: readonly number[], share: number, order: ArrayLike<number>): number[] {
  const room = sizes.map((size) => size - 1);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const most = room.reduce((sum, size) => sum + size, 0);
  const counts = sizes.map((size, kind) => Math.min(room[kind]!, Math.floor(share * size)));
  const remainder = (kind: number) => share * sizes[kind]! - counts[kind]!;
  let left = Math.min(most, Math.max(1, Math.round(share * all))) - counts.reduce((sum, one) => sum + one, 0);
  const byNeed = Array.from(order).sort((a, b) => remainder(b) - remainder(a));
  // Once round gives each its remainder; further rounds are needed only where a kind had no room.
  while (left > 0) {
    for (const kind of byNeed) {
      if (left === 0 || counts[kind] === room[kind]) continue;
      counts[kind]!++;
      left--;
    }
  }
  return counts;
}

/**
 * Indices of a random share of samples, ascending; the same for the same seed. As many as the share says, and at least
 * one where any kind has two.
 * @param kinds what each sample is (a class); each kind gives its share, as far as whole samples allow
 * @param share 0 … 1
 * @throws RangeError when the share is none
 * @example
 * const photos = await imageFolder('photos');
 * const test = subset(photos, heldOut(['cat', 'cat', 'dog', 'dog'], 0.5, 0));
 */
export function heldOut(kinds: readonly string[], share: number, seed: number): number[] {
  check('share', shareRule, share);
  check('seed', wholeNumber, seed);
  if (share === 0) return [];
  const members = new Map<string, number[]>();
  kinds.forEach((kind, i) => {
    const own = members.get(kind);
    if (own) own.push(i);
    else members.set(kind, [i]);
  });
  const order = createRandom(seed, 'data', 'held-out').permutation(members.size);
  const counts = quotas(
    [...members.values()].map(({ length }) => length),
    share,
    order,
  );
  const chosen = [...members].flatMap(([kind, indices], k) => {
    const places = createRandom(seed, 'data', 'held-out', kind).permutation(indices.length);
    return [...places.subarray(0, counts[k])].map((place) => indices[place]!);
  });
  return chosen.sort((a, b) => a - b);
}

/**
 * The class names when samples are sorted into classes rather than described one by one: each has one caption, and
 * there are at most half as many different captions as samples. Undefined otherwise.
 * @example
 * console.log(classesOf([{ captions: [{ text: 'cat' }] }, { captions: [{ text: 'dog' }] }]));
 */
export function classesOf(samples: readonly Pick<Sample, 'captions'>[]): string[] | undefined {
  const names = new Set(samples.flatMap(({ captions }) => captions.map(({ text }) => text)));
  const single = samples.every(({ captions }) => captions.length === 1);
  return single && names.size >= 2 && 2 * names.size <= samples.length ? [...names].sort() : undefined;
}
