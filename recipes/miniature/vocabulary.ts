/** A vocabulary of what captions and the decoder say, and the form of the decoder's boxes. */
import { type EmojiDataset, joinNames } from '../../datasets/emoji/index.ts';
import { LOCCA_FORMAT, type LoccaFormat, trimTokenizer } from '../../src/data/index.ts';

/**
 * Boxes of four digits, 0 … 9. So rounded, 99 % of the scenes' boxes still overlap by half, and a decoder of this budget
 * learns them; two digits a number it did not (all boxes wrong: the end of a number is one possibility, its next digit
 * ten, so that greedy decoding ends it). The rest is the paper's.
 */
export const MINIATURE_FORMAT: LoccaFormat = { ...LOCCA_FORMAT, box: { ...LOCCA_FORMAT.box, maximum: 9 } };

const RELATIONS = ['left', 'right', 'top', 'bottom', 'larger', 'smaller'];

/** A locale's texts as they will be encoded: names alone and after a space, and joined as captions join them. */
function captionTexts(names: readonly string[], locale: string): string[] {
  const joined = names.flatMap((name, i) => {
    const following = [1, 2].map((step) => names[(i + step) % names.length]!);
    return [joinNames(locale, [name, following[0]!]), joinNames(locale, [name, ...following])];
  });
  return [...names, ...names.map((name) => ` ${name}`), ...joined];
}

/** What the decoder writes besides names. */
function formatTexts({ prefixes, separator, box }: LoccaFormat): string[] {
  const numbers = Array.from({ length: box.maximum + 1 }, (_, i) => i);
  return [...Object.values(prefixes), ` ${separator}`, ` ${numbers.join(' ')}`];
}

/**
 * A vocabulary cut down to exactly what captions, regions and the decoder's formats need.
 * @param full a parsed tokenizer.json
 */
export function miniatureTokenizer(dataset: EmojiDataset, full: object) {
  const namesOf = (locale: string) =>
    dataset.trainTexts.get(locale)!.names.filter((name) => name !== undefined);
  const corpus = [...dataset.trainTexts.keys()].flatMap((locale) => captionTexts(namesOf(locale), locale));
  const relations = namesOf('en').flatMap((name) => RELATIONS.map((word) => ` the ${word} ${name}`));
  return trimTokenizer(full, [...corpus, ...relations, ...formatTexts(MINIATURE_FORMAT)]);
}
