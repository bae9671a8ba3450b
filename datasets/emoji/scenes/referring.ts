import type { Box } from '../../../src/index.ts';
import { canonicalText } from '../texts/annotations.ts';
import type { Scene, SceneObject } from './scene.ts';
import type { SceneVocabulary } from './vocabulary.ts';

/** A text that means exactly one object of a scene. */
export interface ReferringExpression {
  /** Index into the scene's objects. */
  readonly object: number;
  readonly locale: string;
  readonly text: string;
  /** By its name alone; or, between two of one name, by where it is or by its size. */
  readonly kind: 'name' | 'position' | 'size';
}

/** How far apart two centres must lie, in shares of the scene's side, for "left" and "top" to be clear. */
const CLEARLY_APART = 0.2;
/** How many times as large a box must be for "larger" to be clear. */
const CLEARLY_LARGER = 1.5;

/**
 * The objects that a name means alone, in one language. Two objects of one name (one concept twice, or two concepts
 * that the language names alike) have none.
 */
export function nameExpressions(
  vocabulary: SceneVocabulary,
  scene: Scene,
  locale: string,
): ReferringExpression[] {
  const names = scene.objects.map(({ concept }) => vocabulary.name(locale, concept));
  const keys = names.map((name) => name && canonicalText(name));
  return names.flatMap((text, object) =>
    text !== undefined && keys.filter((key) => key === keys[object]).length === 1
      ? [{ object, locale, text, kind: 'name' as const }]
      : [],
  );
}

const centre = ({ normalisedBox: { y1, x1, y2, x2 } }: SceneObject) => ({
  y: (y1 + y2) / 2,
  x: (x1 + x2) / 2,
});
const boxSide = ({ y1, x1, y2, x2 }: Box): number => Math.sqrt((y2 - y1) * (x2 - x1));

/** "left", "top", "larger" for the first object of a pair and their opposites for the second, where clear. */
function differences(
  a: SceneObject,
  b: SceneObject,
): [first: string, second: string, kind: 'position' | 'size'][] {
  const [p, q] = [centre(a), centre(b)];
  const ratio = boxSide(a.box) / boxSide(b.box);
  const found: [string, string, 'position' | 'size'][] = [];
  if (Math.abs(p.x - q.x) >= CLEARLY_APART) {
    found.push(p.x < q.x ? ['left', 'right', 'position'] : ['right', 'left', 'position']);
  }
  if (Math.abs(p.y - q.y) >= CLEARLY_APART) {
    found.push(p.y < q.y ? ['top', 'bottom', 'position'] : ['bottom', 'top', 'position']);
  }
  if (ratio >= CLEARLY_LARGER) found.push(['larger', 'smaller', 'size']);
  else if (ratio <= 1 / CLEARLY_LARGER) found.push(['smaller', 'larger', 'size']);
  return found;
}

/**
 * "the left red apple": expressions for the two objects that share an English name. English only, since CLDR has no
 * such phrases and other languages inflect; empty when English is not among the vocabulary's locales.
 */
export function relationalExpressions(vocabulary: SceneVocabulary, scene: Scene): ReferringExpression[] {
  const { objects } = scene;
  const names = objects.map(({ concept }) => vocabulary.name('en', concept));
  const keys = names.map((name) => name && canonicalText(name));
  return names.flatMap((name, first) => {
    const same = keys.flatMap((key, i) => (key === keys[first] ? [i] : []));
    const [, second] = same;
    if (name === undefined || same.length !== 2 || same[0] !== first || second === undefined) return [];
    return differences(objects[first]!, objects[second]!).flatMap(([a, b, kind]) => [
      { object: first, locale: 'en', text: `the ${a} ${name}`, kind },
      { object: second, locale: 'en', text: `the ${b} ${names[second]}`, kind },
    ]);
  });
}

/** Every expression of a scene in the given languages: names, and for English the relational ones. */
export function referringExpressions(
  vocabulary: SceneVocabulary,
  scene: Scene,
  locales: readonly string[] = vocabulary.locales,
): ReferringExpression[] {
  return locales.flatMap((locale) => [
    ...nameExpressions(vocabulary, scene, locale),
    ...(locale === 'en' ? relationalExpressions(vocabulary, scene) : []),
  ]);
}
