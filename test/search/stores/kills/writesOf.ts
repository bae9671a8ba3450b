import type { Change } from '../../../../src/search/collection/change.ts';
import { bad, file, gone, move } from '../changes.ts';

/** The name of the collection that is killed. */
export const NAME = 'killed';

/** Numbers below `limit` that look random (mulberry32). */
function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

/** The changes of a collection's n-th write, as indexing makes them: they depend on n alone. */
export function writeOf(n: number): Change[] {
  const random = randomOf(n);
  const name = () => `${random(4)}/${random(30)}.jpg`;
  return Array.from({ length: 1 + random(24) }, (): Change[] => {
    const [one, other] = [name(), name()];
    const added = file(one, random(1000), { bytes: random(9), modified: random(9) });
    const kind = random(8);
    if (kind === 0) return [gone(one)];
    if (kind === 1) return [bad(one)];
    if (kind === 2) return [added, move(one, other)];
    return [added];
  }).flat();
}
