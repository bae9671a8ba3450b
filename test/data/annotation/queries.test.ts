import { describe, expect, it } from 'vitest';
import { captionQueries } from '../../../src/data/annotation/queries.ts';
import { GENERIC_WORDS, STOP_WORDS } from '../../../src/data/annotation/stopWords.ts';
import { wordsOf } from '../../../src/input/text/words.ts';

describe('queries of a caption', () => {
  it('are all runs of its words, each once', () => {
    expect(captionQueries('Red apple, red pear!')).toEqual([
      'red',
      'red apple',
      'red apple red',
      'red apple red pear',
      'apple',
      'apple red',
      'apple red pear',
      'red pear',
      'pear',
    ]);
  });

  it('keep stop-words inside, and drop what has nothing else', () => {
    const queries = captionQueries('the cup of tea');
    expect(queries).toContain('cup of tea');
    expect(queries).toContain('the cup');
    expect(queries).not.toContain('the');
    expect(queries).not.toContain('of');
    expect(captionQueries('Free stock photo of the image.png')).toEqual([]);
    expect(captionQueries('2013 10')).toEqual([]);
    expect(captionQueries('')).toEqual([]);
  });

  it('are at most ten words long: 10 + 9 + … of twelve, and three of ten', () => {
    const words = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
    const queries = captionQueries(words.join(' '), { ignored: new Set() });
    expect(Math.max(...queries.map((query) => query.split(' ').length))).toBe(10);
    // Σ over lengths 1 … 10 of 13 − length.
    expect(queries).toHaveLength(75);
    expect(captionQueries('a b c', { maxWords: 1, ignored: new Set(['b']) })).toEqual(['a', 'c']);
  });

  it('know other languages', () => {
    expect(captionQueries('Die Katze und der Hund')).toContain('katze und der hund');
    expect(captionQueries('Die Katze und der Hund')).not.toContain('und der');
    // No spaces where the script has none.
    expect(captionQueries('猫と犬')).toContain('猫と犬');
    expect(captionQueries('猫と犬')).toContain('猫');
  });
});

describe('word lists', () => {
  it('are words as captions are cut into, in lower case', () => {
    const words = [...Object.values(STOP_WORDS).flat(), ...GENERIC_WORDS];
    expect(
      words.filter(
        (word) =>
          wordsOf(word)
            .map(({ text }) => text)
            .join() !== word,
      ),
    ).toEqual([]);
    expect(words.length).toBeGreaterThan(400);
  });
});
