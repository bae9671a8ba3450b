import { expect, it } from 'vitest';
import { wordsOf } from '../../../../src/input/text/words.ts';

const texts = (text: string) => wordsOf(text).map((word) => word.text);

it.each([
  ['Two CATS, 3.5 dogs!', ['two', 'cats', '3.5', 'dogs']],
  ['IMG_1234_cat.jpeg', ['img', '1234', 'cat', 'jpeg']],
  ["the cat's well-being", ['the', "cat's", 'well', 'being']],
  ['Übergröße naïve', ['übergröße', 'naïve']],
  ['猫と犬', ['猫', 'と', '犬']],
  ['Tokyo東京 แมวและหมา', ['tokyo', '東京', 'แมว', 'และ', 'หมา']],
  ['می‌خواهم हिन्दी', ['می‌خواهم', 'हिन्दी']],
  ['rock’n’roll 1,000 a.b.', ['rock’n’roll', '1,000', 'a', 'b']],
  ['  …!?', []],
])('%s', (text, expected) => {
  expect(texts(text)).toEqual(expected);
});

it('says where each word stands', () => {
  const text = 'A File_name, Zwei Wörter. 猫';
  for (const { text: word, start, end } of wordsOf(text))
    expect(text.slice(start, end).toLowerCase()).toBe(word);
});
