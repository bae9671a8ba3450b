/** One word of a text, in lower case, and where it stands (UTF-16 offsets of the text as given). */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/**
 * The words of a text in any language: punctuation and spaces are left out, and scripts that write no spaces (Chinese,
 * Japanese, Thai) are cut by the dictionary of the JavaScript engine (Unicode's word boundaries, UAX #29).
 */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (isWordLike) words.push({ text: segment.toLowerCase(), start: index, end: index + segment.length });
  }
  return words;
}
