/**
 * Emoji sequences are identified by their code points in lower-case hexadecimal without leading zeros, joined
 * by '-', without the presentation selector U+FE0F: '1f468-200d-1f4bb'. Vendors and CLDR disagree about FE0F,
 * letter case and padding; in this form they agree.
 */
const VARIATION_SELECTOR = 'fe0f';

/** The identifier of a hexadecimal file name or code list such as '0023-FE0F-20E3'. */
export function sequenceIdFromHex(hex: string): string {
  return hex
    .toLowerCase()
    .split('-')
    .map((point) => point.replace(/^0+/, ''))
    .filter((point) => point !== VARIATION_SELECTOR)
    .join('-');
}

/** The identifier of an emoji given as text. */
export function sequenceId(emoji: string): string {
  return Array.from(emoji, (character) => character.codePointAt(0)!.toString(16))
    .filter((point) => point !== VARIATION_SELECTOR)
    .join('-');
}

/** The modifiers of the five skin tones (Fitzpatrick types 1–2 to 6), light to dark, as code points. */
export const SKIN_TONES = ['1f3fb', '1f3fc', '1f3fd', '1f3fe', '1f3ff'] as const;
export type SkinTone = (typeof SKIN_TONES)[number];

/** As text, to be found in. */
const TONES: readonly string[] = SKIN_TONES;

/**
 * The sequence with other skin tones.
 * @param toneFor the new tone, by the old one's position in `SKIN_TONES`
 */
export const replaceSkinTones = (id: string, toneFor: (tone: number) => SkinTone): string =>
  id.replace(/1f3f[b-f]/g, (old) => toneFor(TONES.indexOf(old)));

const SKIN_TONE = /(^|-)1f3f[b-f](?=-|$)/;

/** Whether the sequence is another emoji in one of the five skin tones (the tone swatches alone are not). */
export function hasSkinTone(id: string): boolean {
  return id.includes('-') && SKIN_TONE.test(id);
}

const MALE_OR_FEMALE_SIGN = /-200d-264[02](?=-|$)/g;
const FACING_RIGHT = /-200d-27a1$/;

/**
 * Emoji that Unicode encodes apart, though they show one thing for different genders, ages or numbers; and, last,
 * different things for which a vendor uses the same drawing (found by comparing all pictures with each other).
 */
const RELATED = new Map<string, string>(
  Object.entries({
    person: '1f9d1 1f468 1f469 1f471 1f9d4',
    child: '1f9d2 1f466 1f467',
    olderPerson: '1f9d3 1f474 1f475',
    royal: '1fac5 1f934 1f478',
    santa: '1f385 1f936 1f9d1-200d-1f384',
    pregnant: '1f930 1fac3 1fac4',
    dancer: '1f483 1f57a',
    holdingHands: '1f46b 1f46c 1f46d 1f9d1-200d-1f91d-200d-1f9d1',
    handshake: '1f91d 1faf1-200d-1faf2',
    feeding: '1f931 1f9d1-200d-1f37c',
    kiss: '1f48f 1f9d1-200d-2764-200d-1f48b-200d-1f9d1',
    couple: '1f491 1f9d1-200d-2764-200d-1f9d1',
    flagOfIndonesiaOrMonaco: '1f1ee-1f1e9 1f1f2-1f1e8',
    catFace: '1f63a 1f431',
    imp: '1f608 1f47f',
    newMoonOrBlackCircle: '1f311 26ab',
    fullMoonOrYellowCircle: '1f315 1f7e1',
  }).flatMap(([family, ids]) => ids.split(' ').map((id): [string, string] => [id, family])),
);

/** Any group of adults and children joined by U+200D, with or without U+1F46A itself. */
const FAMILY_GROUP = /^(1f46a|1f9d1(-200d-1f9d1)?(-200d-1f9d2){1,2})$/;

/**
 * The family of a sequence: the same for all skin-tone, gender, hair, facing and family-member variants of one
 * emoji, so that a split by family never has a variant of a held-out emoji among the training emoji.
 */
export function familyOf(id: string): string {
  const neutral = id
    .split('-')
    .filter((point, index) => index === 0 || !/^1f3f[b-f]$/.test(point))
    .map((point) => (point === '1f468' || point === '1f469' ? '1f9d1' : point))
    .map((point) => (point === '1f466' || point === '1f467' ? '1f9d2' : point))
    .join('-')
    .replace(FACING_RIGHT, '')
    .replace(MALE_OR_FEMALE_SIGN, '')
    .replace(/-200d-1f9b[0-3]$/, '');
  if (FAMILY_GROUP.test(neutral)) return 'family';
  if (/^1f3f[b-f]$/.test(id)) return 'skinTone';
  return RELATED.get(neutral) ?? neutral;
}
