import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lowerCase } from '../../../../src/input/text/letterCase.ts';
import { loadTokenizer } from '../../../../src/input/text/tokenizer/loadTokenizer.ts';
import type { NdArray } from '../../../../src/tensor/ndarray.ts';
import { GEMMA, reference, trimmedReference } from '../fixtures.ts';

const tokenizer = await loadTokenizer(GEMMA);
const sha256 = ({ data }: NdArray<'int32'>) => createHash('sha256').update(data).digest('hex');
/** The texts whose ids differ, with both ids: shorter to read than two lists of 3,000 rows. */
const differences = (encode: (text: string) => number[], expected: readonly (readonly number[])[]) =>
  reference.texts.flatMap((text, i) => {
    const ids = encode(text);
    return ids.join() === expected[i]!.join() ? [] : [{ text, ids, expected: expected[i] }];
  });

describe('against transformers Siglip2Tokenizer', () => {
  test('the fixture has at least 2,000 texts in at least 100 languages', () => {
    expect(reference.texts.length).toBeGreaterThanOrEqual(2000);
    const languages = reference.locales
      .filter((locale) => locale !== '')
      .map((locale) => locale.split('-')[0]);
    expect(new Set(languages).size).toBeGreaterThanOrEqual(100);
  });

  test('ids of every text are equal', () => {
    expect(differences(tokenizer.pieceIds, reference.ids)).toEqual([]);
  });

  test('the padded batch is equal to the byte', () => {
    expect(sha256(tokenizer.encodeBatch(reference.texts))).toBe(reference.paddedSha256);
  });

  test('a trimmed tokenizer.json gives the ids that it gives in Python', async () => {
    const trimmed = await loadTokenizer(trimmedReference.tokenizerJson);
    expect(differences(trimmed.pieceIds, trimmedReference.ids)).toEqual([]);
    expect(sha256(trimmed.encodeBatch(reference.texts))).toBe(trimmedReference.paddedSha256);
  });
});

describe('lower-casing', () => {
  test('unicode: every code point of Unicode as the reference lowers it', () => {
    const table = new Map(
      reference.lowerCase.split('\n').map((row) => {
        const [point, ...lowered] = Array.from(row);
        return [point!, lowered.join('')];
      }),
    );
    const wrong: string[] = [];
    for (let point = 0; point <= 0x10ffff; point++) {
      // Surrogates are no characters; code points that one side's Unicode version lacks can't agree.
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const character = String.fromCodePoint(point);
      if (!/\p{Assigned}/u.test(character)) continue;
      if (lowerCase(character, 'unicode') !== (table.get(character) ?? character)) wrong.push(character);
    }
    expect(table.size).toBeGreaterThan(1400);
    expect(wrong).toEqual([]);
  });

  test('unicode: neighbours do not matter (no final sigma)', () => {
    expect(lowerCase('ΟΔΟΣ ΑΣ.', 'unicode')).toBe('οδοσ ασ.');
  });

  test('ascii lowers A–Z only, none nothing', async () => {
    expect(lowerCase('ÀB Cß ÉΣ', 'ascii')).toBe('Àb cß ÉΣ');
    expect(lowerCase('ÀB', 'none')).toBe('ÀB');
    const small = trimmedReference.tokenizerJson;
    const cased = await loadTokenizer(small, { letterCase: 'none' });
    const ascii = await loadTokenizer(small, { letterCase: 'ascii' });
    expect(ascii.pieceIds('CAT É')).toEqual(cased.pieceIds('cat É'));
    expect(ascii.pieceIds('CAT É')).not.toEqual(cased.pieceIds('CAT É'));
  });
});

describe('encode', () => {
  test('sticky truncation: 62, 63 and 64 pieces (big_vision’s `eos="sticky"`)', () => {
    const cats = (n: number) => Array.from({ length: n }, () => 'cat').join(' ');
    const [short, full, long] = [62, 63, 64].map((n) => tokenizer.encode(cats(n)));
    expect(tokenizer.pieceIds(cats(64))).toHaveLength(64);
    expect([...short!.slice(-2)]).toEqual([1, 0]);
    expect(full![63]).toBe(1);
    expect(long).toEqual(full);
  });

  test('property: what is not read changes nothing, however long the text', async () => {
    const short = await loadTokenizer(trimmedReference.tokenizerJson, { length: 9 });
    const part = fc.constantFrom(
      'cat',
      ' ',
      '  a',
      'ሼ',
      '<eos>',
      '<EOS>',
      '\ud83d',
      'The Cats',
      '猫',
      '\n',
      '<unk>',
      '고양이',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        const read = [...short.pieceIds(text).slice(0, 8), 1];
        expect([...short.encode(text)]).toEqual([...read, ...new Array(9 - read.length).fill(0)]);
      }),
      { numRuns: 500, seed: 5 },
    );
  });

  test('empty text is eos and pads', () => {
    expect([...tokenizer.encode('')]).toEqual([1, ...new Array(63).fill(0)]);
    expect(tokenizer.encodeBatch([]).shape).toEqual([0, 64]);
  });

  test('a batch holds each text on its own row', () => {
    const { shape, data } = tokenizer.encodeBatch(['a', 'two cats']);
    expect(shape).toEqual([2, 64]);
    expect(data.slice(64)).toEqual(tokenizer.encode('two cats'));
  });

  test('special tokens are recognised before lower-casing', () => {
    expect(tokenizer.pieceIds('<eos>')).toEqual([1]);
    expect(tokenizer.pieceIds('<EOS>')).not.toContain(1);
  });

  test('a lone surrogate reads as U+FFFD', () => {
    expect(tokenizer.pieceIds('a\ud83dz')).toEqual(tokenizer.pieceIds('a\ufffdz'));
    expect(tokenizer.pieceIds('\udc00')).toEqual(tokenizer.pieceIds('\ufffd'));
  });

  test('other lengths', async () => {
    const short = await loadTokenizer(trimmedReference.tokenizerJson, { length: 3 });
    const ids = short.pieceIds('cat cat cat cat');
    expect([...short.encode('cat cat cat cat')]).toEqual([ids[0], ids[1], 1]);
  });

  test('decode gives the lower-cased text without specials', () => {
    const text = 'Ein Foto von 🦊 und ሼ, 2 katzen';
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.toLowerCase());
    expect(tokenizer.decode([])).toBe('');
  });
});

describe('errors', () => {
  test.each([
    [{}, /added_tokens/],
    [{ ...trimmedReference.tokenizerJson, model: { type: 'Unigram' } }, /model\.type/],
    [
      { ...trimmedReference.tokenizerJson, model: { ...modelOf(), vocab: { '<pad>': 0, a: 2 } } },
      /"a" the id 2/,
    ],
    [{ ...trimmedReference.tokenizerJson, model: { ...modelOf(), vocab: { '<pad>': 0, a: 1 } } }, /<eos>/],
    [{ ...trimmedReference.tokenizerJson, model: { ...modelOf(), merges: [1] } }, /model\.merges\[0\]/],
  ])('malformed tokenizer %#', async (json, message) => {
    await expect(loadTokenizer(json)).rejects.toThrow(message);
  });

  test('files that are not there or not JSON are named', async () => {
    await expect(loadTokenizer('no/such/tokenizer.json')).rejects.toThrow('no/such/tokenizer.json');
    await expect(loadTokenizer('README.md.absent')).rejects.toThrow('README.md.absent');
    await expect(loadTokenizer('tsconfig.build.json')).rejects.toThrow(/tsconfig\.build\.json/);
  });

  test('length', async () => {
    await expect(loadTokenizer(GEMMA, { length: 0 })).rejects.toThrow(RangeError);
  });
});

function modelOf(): object {
  return trimmedReference.tokenizerJson['model'] as object;
}
