/** Which emoji scenes are made of. */
import { familyOf, listDrawnEmoji } from '../../datasets/emoji/index.ts';
import { createRandom } from '../../src/tensor/index.ts';

/** Emoji whose names say little of what is seen. */
const LEFT_OUT = new Set(['Flags', 'Symbols', 'Component']);

/**
 * Identifiers of `count` emoji, no two of one family (they look alike) and none with a skin tone. The same for every
 * run, and those of a smaller count are among those of a larger one.
 * @throws RangeError when there are not so many
 */
export async function chooseConcepts(count: number): Promise<string[]> {
  const families = new Map<string, string>();
  for (const { id, group, skinTone } of await listDrawnEmoji()) {
    const family = familyOf(id);
    if (!skinTone && !LEFT_OUT.has(group) && !families.has(family)) families.set(family, id);
  }
  const all = createRandom(0, 'miniature', 'concepts').shuffle([...families.values()]);
  if (!(Number.isInteger(count) && count > 0 && count <= all.length))
    throw new RangeError(`concepts is ${count}; use an integer from 1 to ${all.length}`);
  return all.slice(0, count);
}
