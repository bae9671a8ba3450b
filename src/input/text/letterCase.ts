import { oneOf } from '../../tensor/settings.ts';

/**
 * How letters are lower-cased before tokenisation.
 *
 * - `unicode`: every script, code point by code point, as transformers' `Siglip2Tokenizer` does (its
 *   `Lowercase` normaliser is Rust's `char::to_lowercase`).
 * - `ascii`: A–Z only, as `tf.strings.lower` without an encoding, which big_vision's `lower` op calls.
 * - `none`: text is left as it is.
 */
export type LetterCase = 'unicode' | 'ascii' | 'none';

/** What a letter case must be. */
export const letterCaseRule = oneOf<LetterCase>(['unicode', 'ascii', 'none']);

/**
 * Lower-cases text in the given mode.
 *
 * `unicode` differs from `String.prototype.toLowerCase` in one rule: a final capital sigma becomes σ, not ς,
 * because the reference lowers each code point without looking at its neighbours.
 */
export function lowerCase(text: string, mode: LetterCase): string {
  switch (mode) {
    case 'unicode':
      return text.replaceAll('Σ', 'σ').toLowerCase();
    case 'ascii':
      return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
    case 'none':
      return text;
  }
}
