import { beforeAll, describe, expect, it } from 'vitest';
import { EMBEDDED_MODEL } from '../../../../src/encoder/embeddedModel.ts';
import { encodeLocca, encodeQuestion } from '../../../../src/input/text/locca/encode.ts';
import { LOCCA_TASKS } from '../../../../src/input/text/locca/format.ts';
import { loadTokenizer, type TextTokenizer } from '../../../../src/input/text/tokenizer/loadTokenizer.ts';

const CONTENT = { caption: 'a red  Apple 🍎 ', box: { y1: 0.1, x1: 0.2, y2: 0.5, x2: 1 } };
/** Gemma's digits are a piece each and spaces before them too: 4 · (1 + 3) − 2 for this box. */
const TEXTS = {
  captioning: 'Cap: a red apple 🍎',
  referring: 'ARef: a red apple 🍎 : 50 100 250 500',
  groundedCaptioning: 'GCap: 50 100 250 500 : a red apple 🍎',
};

describe("LocCa's texts", () => {
  let tokenizer: TextTokenizer;
  beforeAll(async () => {
    tokenizer = await loadTokenizer(`${EMBEDDED_MODEL}/tokenizer.json`);
  });

  it.each(LOCCA_TASKS)('%s: ids are those of the whole text, with eos', (task) => {
    const { ids, prefixLength } = encodeLocca(task, CONTENT, tokenizer, 64);
    expect(ids).toEqual([...tokenizer.pieceIds(TEXTS[task]), 1]);
    // Gemma's tokenizer lower-cases.
    expect(tokenizer.decode(ids)).toBe(TEXTS[task].toLowerCase());
    expect(tokenizer.decode(ids.slice(0, prefixLength))).toBe(TEXTS[task].split(' ')[0]!.toLowerCase());
  });

  it.each(LOCCA_TASKS)('%s: a long caption is cut, and box, separator and eos stay', (task) => {
    const caption = 'apple '.repeat(100);
    const content = { ...CONTENT, caption };
    const { ids } = encodeLocca(task, content, tokenizer, 40);
    expect(ids).toHaveLength(40);
    expect(ids.at(-1)).toBe(1);
    const text = tokenizer.decode(ids);
    if (task !== 'captioning') expect(text).toMatch(/50 100 250 500/);
    // Cut at a piece, which need not be a word's end.
    if (task === 'referring') {
      const beginning = /^aref: (.*) : 50 100 250 500$/.exec(text)?.[1];
      expect(caption.startsWith(beginning!)).toBe(true);
    }
    expect(text).toMatch(/apple apple/);
  });

  it('special tokens in a caption are left out', () => {
    const plain = encodeLocca('captioning', { caption: 'red apple' }, tokenizer, 64).ids;
    const { ids } = encodeLocca('captioning', { caption: 'red<eos> <pad><bos>apple' }, tokenizer, 64);
    expect(ids.filter((id) => id === 1)).toHaveLength(1);
    expect(ids.filter((id) => id === 0 || id === 2)).toHaveLength(0);
    expect(tokenizer.decode(ids).replaceAll(' ', '')).toBe(tokenizer.decode(plain).replaceAll(' ', ''));
  });

  it('a question is the beginning of the text', () => {
    const whole = (task: (typeof LOCCA_TASKS)[number]) => encodeLocca(task, CONTENT, tokenizer, 64).ids;
    const questions = [
      encodeQuestion({ task: 'captioning' }, tokenizer, 64),
      encodeQuestion({ task: 'referring', caption: CONTENT.caption }, tokenizer, 64),
      encodeQuestion({ task: 'groundedCaptioning', box: CONTENT.box }, tokenizer, 64),
    ];
    questions.forEach((ids, k) => {
      expect(ids).toEqual(whole(LOCCA_TASKS[k]!).slice(0, ids.length));
    });
    expect(tokenizer.decode(questions[1]!)).toBe('aref: a red apple 🍎 :');
    expect(tokenizer.decode(questions[2]!)).toBe('gcap: 50 100 250 500 :');
    const long = { task: 'referring', caption: 'apple '.repeat(100) } as const;
    expect(encodeQuestion(long, tokenizer, 20)).toHaveLength(20);
  });

  it('refuses what cannot be written', () => {
    expect(() => encodeLocca('referring', { caption: 'apple' }, tokenizer, 64)).toThrow(
      /referring needs a box/,
    );
    expect(() => encodeLocca('groundedCaptioning', CONTENT, tokenizer, 12)).toThrow(/use a longer decoder/);
  });
});
