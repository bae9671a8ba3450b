import { createRandom } from '../tensor/random.ts';
import type { Sample } from './sample.ts';
import type { IndexedSource } from './sources/source.ts';

/** Some samples of a source that can be read in any order, in the order of `indices`. */
export const subset = (source: IndexedSource, indices: readonly number[]): IndexedSource => ({
  kind: 'indexed',
  name: source.name,
  size: indices.length,
  read: (index) => source.read(indices[index]!),
});

/**
 * Indices of a random share of samples, ascending; the same for the same seed.
 * @param kinds what each sample is (a class); each kind gives its share, so that small ones are not left out
 * @param share 0 … 1; at least one sample of a kind of two or more
 */
export function heldOut(kinds: readonly string[], share: number, seed: number): number[] {
  if (share <= 0) return [];
  const members = new Map<string, number[]>();
  kinds.forEach((kind, i) => {
    members.set(kind, [...(members.get(kind) ?? []), i]);
  });
  const chosen = [...members].flatMap(([kind, indices]) => {
    const count = indices.length < 2 ? 0 : Math.max(1, Math.round(share * indices.length));
    const order = createRandom(seed, 'data', 'held-out', kind).permutation(indices.length);
    return [...order.subarray(0, count)].map((place) => indices[place]!);
  });
  return chosen.sort((a, b) => a - b);
}

/**
 * The class names when samples are sorted into classes rather than described one by one: each has one caption, and
 * there are at most half as many different captions as samples. Undefined otherwise.
 */
export function classesOf(samples: readonly Pick<Sample, 'captions'>[]): string[] | undefined {
  const names = new Set(samples.flatMap(({ captions }) => captions.map(({ text }) => text)));
  const single = samples.every(({ captions }) => captions.length === 1);
  return single && names.size >= 2 && 2 * names.size <= samples.length ? [...names].sort() : undefined;
}
