import { type Word, wordsOf } from '../../input/text/words.ts';
import { check, count, rule, settings } from '../../tensor/settings.ts';
import { GENERIC_WORDS, STOP_WORDS } from './stopWords.ts';

export interface QuerySettings {
  /** Longest n-gram in words. 10 in OWLv2 (§2.2). */
  readonly maxWords: number;
  /**
   * Words that alone make no query, lower case. Default: `STOP_WORDS` of all languages, `GENERIC_WORDS`.
   */
  readonly ignored: ReadonlySet<string>;
}

const querySchema = settings<QuerySettings>({
  maxWords: count,
  ignored: rule('a Set of words', (value) => value instanceof Set),
});

export const QUERY_DEFAULTS: QuerySettings = {
  maxWords: 10,
  ignored: new Set([...Object.values(STOP_WORDS).flat(), ...GENERIC_WORDS]),
};

const namesSomething = (word: Word, ignored: ReadonlySet<string>): boolean =>
  /\p{L}/u.test(word.text) && !ignored.has(word.text);

/** Words as a phrase: with a space where the caption has anything between two words, joined where it has nothing. */
const phrase = (words: readonly Word[]): string =>
  words.reduce(
    (text, word, i) => `${text}${i > 0 && words[i - 1]!.end < word.start ? ' ' : ''}${word.text}`,
    '',
  );

/**
 * What to look for in a picture with this caption: every run of 1 … `maxWords` words, in lower case and without
 * punctuation, each once; no parser (OWLv2; §2.2). Runs of nothing but stop-words, generic words and numbers are
 * dropped. In the order in which they start, shorter ones first.
 * @throws RangeError when `maxWords` is no count
 * @example
 * console.log(captionQueries('a small dog beside a red bicycle'));
 */
export function captionQueries(caption: string, changes: Partial<QuerySettings> = {}): string[] {
  const queries = { ...QUERY_DEFAULTS, ...changes };
  check('queries', querySchema, queries);
  const { maxWords, ignored } = queries;
  const words = wordsOf(caption);
  const found = new Set<string>();
  for (let start = 0; start < words.length; start++) {
    for (let end = start + 1; end <= Math.min(start + maxWords, words.length); end++) {
      const run = words.slice(start, end);
      if (run.some((word) => namesSomething(word, ignored))) found.add(phrase(run));
    }
  }
  return [...found];
}
