import type { RgbaPixels } from '../../src/data/index.ts';
import type { DrawnEmoji } from './drawings/drawings.ts';
import type { Style } from './drawings/styles.ts';
import type { EvaluationSet } from './evaluationSets.ts';
import type { SamplerOptions, TrainSampler } from './sampler.ts';
import type { HeldOutOptions } from './split.ts';
import type { Locale } from './texts/languages.ts';
import type { LocaleTexts } from './texts/texts.ts';

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
