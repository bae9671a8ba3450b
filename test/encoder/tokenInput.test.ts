import { expect, it } from 'vitest';
import { tokenInput } from '../../src/encoder/tokenInput.ts';
import { int32 } from '../../src/tensor/index.ts';

/** Ids that say which text they are of, and how many characters were tokenized since other work had its turn. */
function counting() {
  let characters = 0;
  let most = 0;
  const turn = () => {
    characters = 0;
    if (!done) setImmediate(turn);
  };
  let done = false;
  setImmediate(turn);
  return {
    length: 2,
    encodeBatch(texts: readonly string[]) {
      for (const text of texts) characters += text.length;
      most = Math.max(most, characters);
      return int32(
        [texts.length, 2],
        texts.flatMap((text) => [text.length, 1]),
      );
    },
    finish() {
      done = true;
      return most;
    },
  };
}

it('lets other work have its turn between long texts, and gives the same ids', async () => {
  const tokenizer = counting();
  const texts = Array.from({ length: 64 }, (_, i) => 'x'.repeat(4000 + i));
  const { shape, data } = await tokenInput(tokenizer, texts);
  expect(shape).toEqual([64, 2]);
  expect([...data]).toEqual(texts.flatMap(({ length }) => [length, 1]));
  // 257,000 characters without a break otherwise.
  expect(tokenizer.finish()).toBeLessThan(20_000);
});

it('takes short texts, one that is longer than a turn, and none', async () => {
  const tokenizer = counting();
  const texts = ['a', '', 'x'.repeat(30_000), 'bc'];
  expect([...(await tokenInput(tokenizer, texts)).data]).toEqual([1, 1, 0, 1, 30_000, 1, 2, 1]);
  expect((await tokenInput(tokenizer, [])).shape).toEqual([0, 2]);
  tokenizer.finish();
});
