/** One word of a text, in lower case, and where it stands (UTF-16 offsets of the text as given). */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Unicode joins "image.png" and "img_7" to one word each; file names are to fall apart, decimal numbers are not. */
const PARTS = /\p{N}+(?:[.,:]\p{N}+)+|[^._:]+/gu;

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/**
 * The words of a text in any language: punctuation and spaces are left out, and scripts that write no spaces (Chinese,
 * Japanese, Thai) are cut by the dictionary of the JavaScript engine (Unicode's word boundaries, UAX #29).
 */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (!isWordLike) continue;
    for (const { 0: part, index: offset } of segment.matchAll(PARTS)) {
      const start = index + offset;
      words.push({ text: part.toLowerCase(), start, end: start + part.length });
    }
  }
  return words;
}
