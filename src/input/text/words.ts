/** One word of a text, in lower case, and where it stands (UTF-16 offsets of the text as given). */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Letters, marks and digits that follow each other; also the joiners of Persian and Indic scripts, the separator inside
 * a number ("3.5") and the apostrophe between letters ("cat's").
 */
const WORD =
  /[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}\u200c\u200d]|(?<=\p{N})[.,](?=\p{N})|(?<=\p{L})['’](?=\p{L}))*/gu;

/** Scripts that write no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/**
 * The words of a text in any language, without punctuation and spaces. Runs of scripts that write no spaces (Chinese,
 * Japanese, Thai …) are cut by the dictionary of the JavaScript engine; doing so for all text would take ten times as
 * long.
 */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  const add = (word: string, start: number) => {
    words.push({ text: word.toLowerCase(), start, end: start + word.length });
  };
  for (const { 0: run, index } of text.matchAll(WORD)) {
    if (UNSPACED.test(run)) {
      for (const part of segmenter.segment(run)) if (part.isWordLike) add(part.segment, index + part.index);
    } else add(run, index);
  }
  return words;
}
