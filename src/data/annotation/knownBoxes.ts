import { wordsOf } from '../../input/text/words.ts';
import type { Region } from '../samples/sample.ts';
import type { Detection, Detector } from './detector.ts';

const wordList = (text: string): string[] => wordsOf(text).map((word) => word.text);

/** Whether `part` stands in `whole` as a run of words. */
const isRunOf = (part: readonly string[], whole: readonly string[]): boolean =>
  part.length > 0 && ` ${whole.join(' ')} `.includes(` ${part.join(' ')} `);

/**
 * A detector for one image that knows its true boxes. A query finds a box when its words are a run of words of the box's
 * text; the score is the share of the text that it covers, so that the whole text (1) wins over parts of it.
 * @example
 * const detector = knownBoxes([{ text: 'a dog', box: { y1: 0.1, x1: 0.1, y2: 0.6, x2: 0.5 } }]);
 */
export function knownBoxes(boxes: readonly Pick<Region, 'box' | 'text'>[]): Detector {
  const named = boxes.map(({ box, text }) => ({ box, words: wordList(text) }));
  return {
    async detect(_image, queries) {
      return queries.flatMap((query): Detection[] => {
        const words = wordList(query);
        return named
          .filter((known) => isRunOf(words, known.words))
          .map((known) => ({ box: known.box, query, score: words.length / known.words.length }));
      });
    },
  };
}
