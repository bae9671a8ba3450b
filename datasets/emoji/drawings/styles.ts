import type { EmojiPackageName } from '../packages.ts';

/** Vendors who draw every emoji of the data set: what they all draw is the data set. */
export const completeStyles = ['twemoji', 'noto', 'openmoji', 'fluent'] as const;

/** Vendors who draw some of them, most from before Unicode had skin tones or families. More styles to learn from. */
export const partialStyles = ['emojione', 'emojione-v1', 'fxemoji', 'streamline', 'fluent-flat'] as const;

/** Of them those from before Unicode had a man, a woman and neither of most people. */
const ungenderedStyles: readonly Style[] = ['emojione', 'emojione-v1', 'fxemoji', 'streamline'];

/** The vendors' drawings, each in the style of its own designers. */
export const styles = [...completeStyles, ...partialStyles] as const;
export type Style = (typeof styles)[number];

/** The style that is held out where nobody says another. */
export const DEFAULT_HELD_OUT_STYLE: Style = 'noto';

/** Drawings in files that are named by code point. */
export interface FolderSource {
  /** Folder of the drawings inside the package. */
  readonly folder: string;
  readonly extension: '.svg' | '.png' | '.webp';
}

export type StyleSource = (FolderSource | { readonly iconSet: true }) & {
  readonly packageName: EmojiPackageName;
  /** SPDX licence of the drawings. */
  readonly licence: string;
};

/** A package of iconify.design: all drawings as SVG in one file, most named in words. */
const iconSet = (packageName: EmojiPackageName, licence: string): StyleSource => ({
  packageName,
  licence,
  iconSet: true,
});

export const styleSources: Readonly<Record<Style, StyleSource>> = {
  twemoji: { packageName: '@twemoji/svg', folder: '.', extension: '.svg', licence: 'CC-BY-4.0' },
  noto: {
    packageName: 'emoji-datasource-google',
    folder: 'img/google/64',
    extension: '.png',
    licence: 'Apache-2.0',
  },
  openmoji: { packageName: 'openmoji', folder: 'color/svg', extension: '.svg', licence: 'CC-BY-SA-4.0' },
  fluent: { packageName: '@lobehub/fluent-emoji-3d', folder: 'assets', extension: '.webp', licence: 'MIT' },
  emojione: iconSet('@iconify-json/emojione', 'CC-BY-4.0'),
  'emojione-v1': iconSet('@iconify-json/emojione-v1', 'CC-BY-SA-4.0'),
  fxemoji: iconSet('@iconify-json/fxemoji', 'Apache-2.0'),
  streamline: iconSet('@iconify-json/streamline-emojis', 'CC-BY-4.0'),
  'fluent-flat': iconSet('@iconify-json/fluent-emoji-flat', 'MIT'),
};

/**
 * Whose drawing a style shows for an emoji. Microsoft draws no country flags; the Fluent package fills the gap with
 * Noto's waving flags, so those are no drawings of another style when Noto is held out (or the reverse).
 */
export function drawnBy(style: Style, emoji: { readonly subgroup: string }): Style {
  return style === 'fluent' && emoji.subgroup === 'country-flag' ? 'noto' : style;
}

/** Couples and the family, of which others than those of a woman and a man came later. */
const WOMAN_AND_MAN = /^(1f491|1f48f|1f46a)(?=-1f3f|$)/;

/**
 * Whether a style's drawing shows a man or a woman where the emoji is neither: the older ones drew the one emoji of
 * running people as a man, and that of frowning ones as a woman.
 * @param isEmoji whether a sequence is an emoji of the data set
 */
export function drawsGender(style: Style, id: string, isEmoji: (id: string) => boolean): boolean {
  return ungenderedStyles.includes(style) && (isEmoji(`${id}-200d-2640`) || WOMAN_AND_MAN.test(id));
}
