/** A query with its language and what it means in English. */
export interface Example {
  readonly text: string;
  readonly lang: string;
  readonly means: string;
}

/** Queries to try, in many scripts: some of those that the embedded model answers rightly (a test holds it to them). */
export const EXAMPLES: readonly Example[] = [
  { text: '호랑이', lang: 'ko', means: 'tiger, in Korean' },
  { text: 'Pinguin', lang: 'de', means: 'penguin, in German' },
  { text: 'زرافة', lang: 'ar', means: 'giraffe, in Arabic' },
  { text: 'ракета', lang: 'ru', means: 'rocket, in Russian' },
  { text: 'samaki', lang: 'sw', means: 'fish, in Swahili' },
  { text: '彩虹', lang: 'zh', means: 'rainbow, in Chinese' },
  { text: 'भूत', lang: 'hi', means: 'ghost, in Hindi' },
  { text: 'אופניים', lang: 'he', means: 'bicycle, in Hebrew' },
  { text: 'รถดับเพลิง', lang: 'th', means: 'fire engine, in Thai' },
  { text: 'citron', lang: 'fr', means: 'lemon, in French' },
];
