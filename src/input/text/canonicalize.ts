export interface CanonicalizeOptions {
  /** Keep each literal "{}": for templates. */
  readonly keepBraces?: boolean;
  /** Keep each ",": for class names, where it separates aliases. */
  readonly keepCommas?: boolean;
}

/** Python's `string.punctuation` without "_", which has become a space before. */
const PUNCTUATION = /\{\}|[!-/:-@[-^`{-~]/g;
/** Python's white space: JavaScript's `\s` lacks U+001C–U+001F and U+0085 and counts U+FEFF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python counts them as white space.
const WHITE_SPACE = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

/**
 * Text as big_vision's zero-shot evaluation writes it: "_" becomes a space, ASCII punctuation goes (but what the
 * options keep), letters are lowered, white space is collapsed and trimmed.
 * "Great_White, Shark!" becomes "great white, shark" with `keepCommas`.
 *
 * Source: `_canonicalize` in big_vision's `prompt_engineering.py`.
 */
export function canonicalize(text: string, options: CanonicalizeOptions = {}): string {
  const { keepBraces = false, keepCommas = false } = options;
  return text
    .replaceAll('_', ' ')
    .replace(PUNCTUATION, (mark) =>
      (mark === '{}' && keepBraces) || (mark === ',' && keepCommas) ? mark : '',
    )
    .toLowerCase()
    .replace(WHITE_SPACE, ' ')
    .replace(/^ | $/g, '');
}
