/** Groups whose emoji are named alike when they face the other way, by Unicode's group. */
const ALIKE = new Set([
  'Smileys & Emotion',
  'Animals & Nature',
  'Food & Drink',
  'Travel & Places',
  'Activities',
  'Objects',
]);
/** People likewise; those who walk, run or roll (person-activity) have emoji of their own that face right. */
const ALIKE_PEOPLE = new Set([
  'person',
  'person-gesture',
  'person-role',
  'person-fantasy',
  'person-sport',
  'person-resting',
]);
/** Clocks, moons, maps, lenses tilted left or right; 💯 and speech bubbles, which lean either way. */
const DIRECTED = new Set(['time', 'sky & weather', 'place-map', 'light & video', 'emotion']);

/**
 * Whether the mirror image of an emoji has the same name: hands that point, arrows, flags and writing have not.
 */
export function mirrorsAlike({
  group,
  subgroup,
}: {
  readonly group: string;
  readonly subgroup: string;
}): boolean {
  return (ALIKE.has(group) && !DIRECTED.has(subgroup)) || ALIKE_PEOPLE.has(subgroup);
}
