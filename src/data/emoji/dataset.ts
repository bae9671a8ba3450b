import type { RgbaPixels } from '../../input/image/rgbaImage.ts';
import { canonicalText, readLocales } from './annotations.ts';
import { chooseStyles } from './chosenStyles.ts';
import { type ConceptPictures, conceptPictures } from './conceptPictures.ts';
import { type DrawnEmoji, listDrawnEmoji } from './drawings.ts';
import { type EvaluationSet, evaluationSets } from './evaluationSets.ts';
import { describeLocale, type Locale } from './languages.ts';
import { createTrainSampler, type SamplerOptions, type TrainSampler } from './sampler.ts';
import { familyOf } from './sequence.ts';
import { type HeldOutOptions, holdOutConcepts, holdOutLocales } from './split.ts';
import { drawnBy, drawsGender, type Style } from './styles.ts';
import { type LocaleTexts, textsByConcept, trainTexts } from './texts.ts';

export type Split = 'train' | 'heldOut';

/** One emoji: what its drawings show and its names say. */
export interface Concept extends DrawnEmoji {
  /** Position in `concepts`; all other tables are in this order. */
  readonly index: number;
  readonly codepoints: readonly number[];
  readonly englishName: string;
  /** The emoji whose variant this is (see sequence.ts): a family is wholly seen or wholly held out. */
  readonly family: string;
  readonly split: Split;
}

export interface EmojiLocale extends Locale {
  readonly split: Split;
  /** How many of the concepts it names. */
  readonly nameCount: number;
}

export interface EmojiCounts {
  readonly concepts: number;
  readonly skinToneConcepts: number;
  readonly heldOutConcepts: number;
  readonly heldOutSkinToneConcepts: number;
  readonly locales: number;
  /** Pairs of a concept and its name, over all locales. */
  readonly names: number;
  readonly keywords: number;
  /** What the training split has of these, after dropping. */
  readonly trainNames: number;
  readonly trainKeywords: number;
  /** Texts of training concepts that were dropped because they name a held-out concept in some locale. */
  readonly droppedNames: number;
  readonly droppedKeywords: number;
}

/** Everything but the pictures. */
export interface EmojiTexts {
  readonly concepts: readonly Concept[];
  readonly locales: readonly EmojiLocale[];
  readonly trainStyles: readonly Style[];
  readonly heldOutStyle: Style;
  readonly counts: EmojiCounts;
  readonly evaluationSets: readonly EvaluationSet[];
  /** Names by concept index, whatever their split. Throws for a locale that is not in the data set. */
  names(locale: string): readonly (string | undefined)[];
  /** Whether a style of the data set has a drawing of a concept, whoever made it. */
  draws(style: Style, concept: number): boolean;
  /** Keywords by concept index, whatever their split. */
  keywords(locale: string): readonly (readonly string[])[];
  /** The set's targets that can be asked for in this locale, with `names(locale)[concept]`. */
  queries(set: EvaluationSet, locale: string): number[];
  /** Every text that training can show, by locale: the corpus for a trimmed vocabulary. */
  trainTexts: ReadonlyMap<string, LocaleTexts>;
  /**
   * The styles in which training may show a concept: those that draw it, less drawings borrowed from the held-out one
   * and those that show a man or a woman where the concept is neither.
   */
  trainStylesOf(concept: number): readonly Style[];
  trainSampler(options: SamplerOptions): TrainSampler;
}

export interface EmojiDataset extends EmojiTexts {
  readonly size: number;
  /**
   * Size × size × 4 bytes, straight alpha: a view that must not be written to.
   * Throws if the style was not loaded or does not draw the concept.
   */
  picture(style: Style, concept: number): RgbaPixels;
  /** By concept, the first with the very same picture in this style: itself for nearly all and for what it lacks. */
  pictureClasses(style: Style): Int32Array;
}

export interface EmojiTextsOptions {
  /** Decides what is held out; not the order of training. */
  readonly seed: number;
  readonly heldOut?: HeldOutOptions;
  /** Locales that name fewer of the concepts are left out. Default 3,000. */
  readonly minimumNames?: number;
  /** Only these emoji, by sequence identifier. Default: all that the four complete styles draw. */
  readonly only?: readonly string[];
  /** Only these locales, of which English must be one. Default: all. */
  readonly locales?: readonly string[];
  /** The styles to use, the held-out one among them. Default: the four that draw every emoji. */
  readonly styles?: readonly Style[];
}

export interface EmojiDatasetOptions extends EmojiTextsOptions {
  /** Side of a picture in pixels. Default 64. */
  readonly size?: number;
  /** Folder for rasterised pictures. Default '.cache/emoji'. */
  readonly cacheDir?: string;
  readonly onProgress?: (style: Style, done: number, total: number) => void;
}

const DEFAULT_MINIMUM_NAMES = 3000;

async function selectEmoji(only: readonly string[] | undefined): Promise<DrawnEmoji[]> {
  const drawn = await listDrawnEmoji();
  if (only === undefined) return drawn;
  const unknown = only.find((id) => !drawn.some((emoji) => emoji.id === id));
  if (unknown !== undefined)
    throw new Error(`only names '${unknown}', which the four styles do not all draw`);
  return drawn.filter((emoji) => only.includes(emoji.id));
}

function count(texts: Iterable<LocaleTexts>): { names: number; keywords: number } {
  const total = { names: 0, keywords: 0 };
  for (const { names, keywords } of texts) {
    total.names += names.filter((name) => name !== undefined).length;
    total.keywords += keywords.reduce((sum, words) => sum + words.length, 0);
  }
  return total;
}

/**
 * Reads names and keywords and splits them; rasterises nothing. A few seconds.
 * Throws an error that names the package and the install command if one of the source packages is absent.
 */
export async function buildEmojiTexts(options: EmojiTextsOptions): Promise<EmojiTexts> {
  const { seed, heldOut = {}, minimumNames = DEFAULT_MINIMUM_NAMES } = options;
  const { trainStyles, heldOutStyle, draws } = await chooseStyles(options.styles, heldOut.style);
  const drawn = await selectEmoji(options.only);
  const ids = drawn.map((emoji) => emoji.id);
  const annotations = await readLocales(ids, minimumNames, options.locales);
  const all = new Map(annotations.map((one) => [one.locale, textsByConcept(one, ids)]));
  const english = all.get('en');
  if (english === undefined) {
    throw new Error(
      `English names fewer than ${minimumNames} of ${ids.length} emoji, or is not among the locales; lower minimumNames or add 'en'`,
    );
  }
  const described = [...all.keys()].map(describeLocale);
  const heldOutLocales = holdOutLocales(described, seed, heldOut.locales);
  const heldOutIds = holdOutConcepts(drawn, seed, heldOut.conceptFraction);
  const concepts = drawn.map(
    (emoji, index): Concept => ({
      ...emoji,
      index,
      codepoints: Array.from(emoji.emoji, (character) => character.codePointAt(0)!),
      englishName: english.names[index] ?? emoji.id,
      family: familyOf(emoji.id),
      split: heldOutIds.has(emoji.id) ? 'heldOut' : 'train',
    }),
  );
  const locales = described.map(
    (locale): EmojiLocale => ({
      ...locale,
      split: heldOutLocales.includes(locale.id) ? 'heldOut' : 'train',
      nameCount: count([all.get(locale.id)!]).names,
    }),
  );
  const train = trainTexts(
    all,
    concepts.map((concept) => concept.split === 'heldOut'),
    heldOutLocales,
  );
  function textsOf(locale: string): LocaleTexts {
    const texts = all.get(locale);
    if (texts === undefined) throw new Error(`the emoji data set has no locale '${locale}'`);
    return texts;
  }
  // Once for all: the sampler asks for each item.
  const known = new Set(ids);
  const stylesOf = concepts.map((concept) =>
    trainStyles.filter(
      (style) =>
        draws(style, concept.id) &&
        drawnBy(style, concept) !== heldOutStyle &&
        !drawsGender(style, concept.id, (id) => known.has(id)),
    ),
  );
  const trained = count(train.byLocale.values());
  const held = concepts.filter((concept) => concept.split === 'heldOut');
  return {
    concepts,
    locales,
    trainStyles,
    heldOutStyle,
    counts: {
      concepts: concepts.length,
      skinToneConcepts: concepts.filter((concept) => concept.skinTone).length,
      heldOutConcepts: held.length,
      heldOutSkinToneConcepts: held.filter((concept) => concept.skinTone).length,
      locales: locales.length,
      ...count(all.values()),
      trainNames: trained.names,
      trainKeywords: trained.keywords,
      droppedNames: train.droppedNames,
      droppedKeywords: train.droppedKeywords,
    },
    evaluationSets: evaluationSets({
      concepts,
      seenStyle: trainStyles[0]!,
      heldOutStyle,
      seenLocales: [...train.byLocale.keys()],
      heldOutLocales,
    }),
    draws: (style, concept) => draws(style, ids[concept]!),
    names: (locale) => textsOf(locale).names,
    keywords: (locale) => textsOf(locale).keywords,
    queries(set, locale) {
      const { names } = textsOf(locale);
      return set.targets.filter((concept) => {
        const name = names[concept];
        return name !== undefined && !(set.novelTextsOnly && train.canonical.has(canonicalText(name)));
      });
    },
    trainTexts: train.byLocale,
    trainStylesOf: (concept) => stylesOf[concept]!,
    trainSampler: (samplerOptions) =>
      createTrainSampler(
        {
          concepts: concepts.filter((concept) => concept.split === 'train'),
          texts: train.byLocale,
          stylesOf: (concept) => stylesOf[concept]!,
        },
        samplerOptions,
      ),
  };
}

/**
 * The whole data set: emoji drawn by several vendors, named in 105 locales, split by seed.
 * The first call rasterises the drawings into `cacheDir` (about half a minute, 55 MB per style at 64 pixels);
 * later ones read them. Equal options give equal data.
 */
export async function buildEmojiDataset(options: EmojiDatasetOptions): Promise<EmojiDataset> {
  const { size = 64, cacheDir = '.cache/emoji', onProgress } = options;
  const texts = await buildEmojiTexts(options);
  const byStyle = new Map<Style, ConceptPictures>();
  for (const style of [...texts.trainStyles, texts.heldOutStyle]) {
    const report = onProgress && ((done: number, total: number) => onProgress(style, done, total));
    byStyle.set(style, await conceptPictures(texts, style, { size, cacheDir, onProgress: report }));
  }
  function loaded(style: Style): ConceptPictures {
    const found = byStyle.get(style);
    if (found === undefined) throw new Error(`the style ${style} was not loaded; name it in options.styles`);
    return found;
  }
  return {
    ...texts,
    size,
    picture: (style, concept) => loaded(style).picture(concept),
    pictureClasses: (style) => loaded(style).classes,
  };
}
