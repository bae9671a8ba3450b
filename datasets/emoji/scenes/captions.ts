import type { Random } from '../../../src/tensor/index.ts';
import { canonicalText } from '../texts/annotations.ts';
import type { Scene, SceneObject } from './scene.ts';
import type { SceneVocabulary } from './vocabulary.ts';

export interface Caption {
  readonly locale: string;
  readonly text: string;
}

/** Joins names as the language does ("a, b and c"), by commas where the runtime does not know the language. */
export function joinNames(locale: string, names: readonly string[]): string {
  const known = Intl.ListFormat.supportedLocalesOf(locale).length > 0;
  return known ? new Intl.ListFormat(locale, { type: 'conjunction' }).format(names) : names.join(', ');
}

/** Once per text: two that are equal but for letter case are one. */
const distinct = (names: readonly string[]): string[] => [
  ...new Map(names.map((name) => [canonicalText(name), name])).values(),
];

/** The objects from the one that most is seen of. */
const byArea = (objects: readonly SceneObject[]): SceneObject[] =>
  objects.toSorted((a, b) => b.area - a.area);

/**
 * What is in a scene, in one language: the names of all objects, the largest first, each name once.
 * @returns undefined when the language lacks the name of one of them
 */
export function sceneCaption(vocabulary: SceneVocabulary, scene: Scene, locale: string): string | undefined {
  const names = byArea(scene.objects).map(({ concept }) => vocabulary.name(locale, concept));
  const known = names.filter((name) => name !== undefined);
  return known.length === names.length ? joinNames(locale, distinct(known)) : undefined;
}

/** The languages that name every object of a scene. */
const captionLocales = (vocabulary: SceneVocabulary, scene: Scene): string[] =>
  vocabulary.locales.filter((locale) =>
    scene.objects.every(({ concept }) => vocabulary.name(locale, concept) !== undefined),
  );

/**
 * Captions of a scene in random languages, each language at most once while there are enough. Fewer than asked for,
 * even none, only when no language names every object.
 */
export function drawCaptions(
  vocabulary: SceneVocabulary,
  scene: Scene,
  count: number,
  random: Random,
): Caption[] {
  const locales = random.shuffle(captionLocales(vocabulary, scene));
  if (locales.length === 0) return [];
  return Array.from({ length: count }, (_, i) => {
    const locale = locales[i % locales.length]!;
    return { locale, text: sceneCaption(vocabulary, scene, locale)! };
  });
}
