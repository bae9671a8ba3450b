import type { Concept, EmojiTexts, Split } from '../dataset.ts';
import { drawnBy, type Style } from '../drawings/styles.ts';

/** What scenes are made of: each of the three from training, or from what training never shows. Default: training. */
export interface SceneSplit {
  readonly concepts?: Split;
  readonly styles?: Split;
  readonly locales?: Split;
}

export interface SceneVocabularyOptions {
  readonly split?: SceneSplit;
  /** Only these locales of the split. Default: all of it. */
  readonly locales?: readonly string[];
  /** Whether skin-tone variants take part. Default false: they are half of all drawings and near copies. */
  readonly skinTones?: boolean;
}

/** What a split may show and say. */
export interface SceneVocabulary {
  readonly split: Required<SceneSplit>;
  /** Concepts that have a drawing and at least one name here. */
  readonly concepts: readonly Concept[];
  readonly locales: readonly string[];
  /** The styles in which a concept may be drawn. */
  stylesOf(concept: number): readonly Style[];
  /** The name of a concept in one of the locales. */
  name(locale: string, concept: number): string | undefined;
}

/** The styles of the split that draw a concept themselves: a borrowed drawing belongs to the style that made it. */
function styleRule(dataset: EmojiTexts, split: Split): (concept: Concept) => readonly Style[] {
  const { heldOutStyle } = dataset;
  if (split === 'train') return (concept) => dataset.trainStylesOf(concept.index);
  return (concept) => (drawnBy(heldOutStyle, concept) === heldOutStyle ? [heldOutStyle] : []);
}

function chooseLocales(
  dataset: EmojiTexts,
  split: Split,
  wanted: readonly string[] | undefined,
): readonly string[] {
  const all = dataset.locales.filter((locale) => locale.split === split).map(({ id }) => id);
  const foreign = wanted?.find((id) => !all.includes(id));
  if (foreign !== undefined) {
    throw new Error(`locales names '${foreign}', which is not among the data set's ${split} locales`);
  }
  const chosen = wanted ?? all;
  if (chosen.length === 0) throw new Error(`scenes need at least one locale of the split '${split}'`);
  return chosen;
}

/**
 * The part of the emoji data that scenes of a split are made of. Training locales say of training concepts only what
 * training may say (`trainTexts`: less the names that some held-out concept has), so scenes made wholly of training
 * parts leak nothing.
 * @throws Error when a locale is not in the split, or nothing is left to show.
 */
export function sceneVocabulary(dataset: EmojiTexts, options: SceneVocabularyOptions = {}): SceneVocabulary {
  const { skinTones = false } = options;
  const split = { concepts: 'train', styles: 'train', locales: 'train', ...options.split } as const;
  const locales = chooseLocales(dataset, split.locales, options.locales);
  const names = new Map(
    locales.map((locale) => [
      locale,
      split.concepts === 'train' && split.locales === 'train'
        ? dataset.trainTexts.get(locale)!.names
        : dataset.names(locale),
    ]),
  );
  const stylesOf = styleRule(dataset, split.styles);
  const concepts = dataset.concepts.filter(
    (concept) =>
      concept.split === split.concepts &&
      (skinTones || !concept.skinTone) &&
      stylesOf(concept).length > 0 &&
      locales.some((locale) => names.get(locale)![concept.index] !== undefined),
  );
  if (concepts.length === 0)
    throw new Error(`the data set has no ${split.concepts} concept to show in scenes`);
  return {
    split,
    concepts,
    locales,
    stylesOf: (concept) => stylesOf(dataset.concepts[concept]!),
    name: (locale, concept) => names.get(locale)?.[concept],
  };
}
