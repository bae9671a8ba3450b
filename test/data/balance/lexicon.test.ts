import { describe, expect, it } from 'vitest';
import { captionReader, DEFAULT_LEXICON, type Lexicon, schemaOf } from '../../../src/data/balance/lexicon.ts';

const read = captionReader(DEFAULT_LEXICON);
const labelsOf = (caption: string) =>
  schemaOf(DEFAULT_LEXICON).labels.filter((_, i) => read(caption).labels[i] === 1);

describe('the default lexicon', () => {
  it.each([
    ['A woman reads.', 1],
    ['The MAN’s hat', 0],
    ['a man and a woman', undefined],
    ['a human on a mandolin', undefined],
    ['Zwei Mädchen am See', 1],
    ['un niño con su perro', 0],
  ])('%s', (caption, expected) => {
    expect(read(caption).attributes).toEqual([expected]);
  });

  it('finds occupations', () => {
    expect(labelsOf('Two nurses, a doctor and some homework')).toEqual(['nurse', 'doctor']);
  });

  it('has no word on both sides', () => {
    for (const { present, absent } of Object.values(DEFAULT_LEXICON.attributes))
      expect(present.filter((word) => absent.includes(word))).toEqual([]);
  });
});

it('phrases and scripts without spaces match by words', () => {
  const lexicon: Lexicon = {
    attributes: { indoors: { target: 0.5, present: ['living room', '台所'], absent: ['street'] } },
    labels: {},
  };
  const own = captionReader(lexicon);
  expect(own('a cat in the living-room').attributes).toEqual([1]);
  expect(own('living in a room').attributes).toEqual([undefined]);
  expect(own('台所の猫').attributes).toEqual([1]);
});
