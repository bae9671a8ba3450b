// @ts-check

/**
 * Queries to try, in many scripts.
 * @type {ReadonlyArray<{ text: string, lang: string, means: string }>}
 */
export const EXAMPLES = [
  { text: '고양이', lang: 'ko', means: 'cat, in Korean' },
  { text: 'gâteau d’anniversaire', lang: 'fr', means: 'birthday cake, in French' },
  { text: 'قطار', lang: 'ar', means: 'train, in Arabic' },
  { text: 'пожарная машина', lang: 'ru', means: 'fire engine, in Russian' },
  { text: 'mwezi', lang: 'sw', means: 'moon, in Swahili' },
  { text: '彩虹', lang: 'zh', means: 'rainbow, in Chinese' },
  { text: 'हाथी', lang: 'hi', means: 'elephant, in Hindi' },
  { text: 'λουλούδι', lang: 'el', means: 'flower, in Greek' },
  { text: 'ปลาหมึก', lang: 'th', means: 'squid, in Thai' },
  { text: 'Schneemann', lang: 'de', means: 'snowman, in German' },
];

/** Labels to start with: each of another language, none the same word. */
export const DEFAULT_LABELS = ['a cat', 'un chien', 'りんご', 'автомобиль', 'زهرة', 'nyumba'];
