import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadTokenizer, type TextTokenizer } from '../../../../src/input/text/tokenizer/loadTokenizer.ts';
import { readTokenizerJson } from '../../../../src/input/text/tokenizer/tokenizerJson.ts';
import { trimRows } from '../../../../src/input/text/trim/trimRows.ts';
import { type TrimmedTokenizer, trimTokenizer } from '../../../../src/input/text/trim/trimTokenizer.ts';
import { float32, int32, ndarray } from '../../../../src/tensor/ndarray.ts';
import { GEMMA, reference, trimmedReference } from '../fixtures.ts';

const gemma = await readTokenizerJson(GEMMA);
const full = await loadTokenizer(gemma);
/** Gemma cut to the reference texts with their capitals: where the full size is not the point, a faster source. */
const medium = trimTokenizer(gemma, [...reference.texts, 'Photo', 'photo', 'gatto'], {
  letterCase: 'none',
}).tokenizerJson;

/** Texts whose ids under the trimmed tokenizer do not map back to the old ids. */
const changed = (texts: readonly string[], { kept }: TrimmedTokenizer, trimmed: TextTokenizer) =>
  texts.filter((text) => {
    const back = trimmed.pieceIds(text).map((id) => kept[id]);
    return back.join() !== full.pieceIds(text).join();
  });

describe('exact trimming', () => {
  const corpus = reference.texts.filter((_, i) => i % 2 === 0);
  const result = trimTokenizer(gemma, corpus);

  test('every text of the corpus keeps its pieces', async () => {
    const trimmed = await loadTokenizer(result.tokenizerJson);
    expect(changed(corpus, result, trimmed)).toEqual([]);
    expect(trimmed.vocabSize).toBe(result.kept.length);
    expect(result.kept.length).toBeLessThan(20_000);
  });

  test('specials keep ids 0 to 3; kept ids ascend; bytes stay', () => {
    const { vocab } = result.tokenizerJson.model;
    expect([...result.kept.slice(0, 4)]).toEqual([0, 1, 2, 3]);
    expect(result.kept.every((id, i) => i === 0 || id > result.kept[i - 1]!)).toBe(true);
    const bytes = Object.keys(vocab).filter((piece) => /^<0x[0-9A-F]{2}>$/.test(piece));
    // Gemma has 255 byte pieces and a tab.
    expect(bytes).toHaveLength(255);
    expect(vocab).toHaveProperty('\t');
  });

  test('text outside the corpus encodes, and decodes to itself', async () => {
    const trimmed = await loadTokenizer(trimTokenizer(gemma, ['a cat']).tokenizerJson);
    for (const text of reference.texts) {
      const ids = trimmed.pieceIds(text);
      expect(ids.every((id) => id >= 0 && id < trimmed.vocabSize)).toBe(true);
    }
    const text = 'ein fuchs 🦊 鳥 — ok';
    expect(trimmed.decode(trimmed.pieceIds(text))).toBe(text);
  });

  test('the letter case of the corpus is the one asked for', () => {
    const piecesOf = (letterCase: 'unicode' | 'none') =>
      trimTokenizer(medium, ['Photo'], { letterCase }).tokenizerJson.model.vocab;
    expect(piecesOf('none')).toHaveProperty('Photo');
    expect(piecesOf('unicode')).not.toHaveProperty('Photo');
    expect(piecesOf('unicode')).toHaveProperty('photo');
  });
});

describe('maxPieces', () => {
  test('reproduces the tokenizer that Python loads', () => {
    const corpus = reference.texts.filter((_, i) => i % 8 === 0);
    const { tokenizerJson } = trimTokenizer(gemma, corpus, { maxPieces: 2500 });
    expect(Object.keys(tokenizerJson.model.vocab)).toHaveLength(2500);
    expect(JSON.stringify(tokenizerJson)).toBe(JSON.stringify(trimmedReference.tokenizerJson));
  });

  test('a bound that the corpus does not reach changes nothing', () => {
    const corpus = ['a photo of a cat', 'una foto di un gatto'];
    expect(trimTokenizer(medium, corpus, { maxPieces: 5000 })).toEqual(trimTokenizer(medium, corpus));
  });

  test('every kept piece of more than one character can be merged from kept pieces', () => {
    const { tokenizerJson } = trimTokenizer(medium, reference.texts, { maxPieces: 1500 });
    const { vocab, merges } = tokenizerJson.model;
    const made = new Set(
      merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')).replace(' ', '')),
    );
    const added = new Set(tokenizerJson.added_tokens.map(({ content }) => content));
    const orphans = Object.keys(vocab).filter(
      (piece) => [...piece].length > 1 && !made.has(piece) && !added.has(piece) && !/^<0x..>$/.test(piece),
    );
    expect(orphans).toEqual([]);
  });

  test('below specials and bytes is refused', () => {
    expect(() => trimTokenizer(medium, [], { maxPieces: 100 })).toThrow(/maxPieces is 100/);
  });
});

test('property: any corpus is exact under the trim of a trimmed tokenizer', async () => {
  const base = await loadTokenizer(medium);
  const text = fc.oneof(
    fc.constantFrom(...reference.texts),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.stringMatching(/^[ \n\t▁<>eosh1]{0,40}$/),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 8 }), async (corpus) => {
      const { tokenizerJson, kept } = trimTokenizer(medium, corpus);
      const trimmed = await loadTokenizer(tokenizerJson);
      for (const line of corpus) {
        expect(trimmed.pieceIds(line).map((id) => kept[id])).toEqual(base.pieceIds(line));
      }
    }),
    { numRuns: 30, seed: 5 },
  );
});

describe('trimRows', () => {
  test('takes the kept rows of any dtype', () => {
    const table = float32([4, 2], [0, 1, 10, 11, 20, 21, 30, 31]);
    expect(trimRows(table, Int32Array.of(0, 3, 1))).toEqual(float32([3, 2], [0, 1, 30, 31, 10, 11]));
    const half = ndarray('bfloat16', [2, 1], Uint16Array.of(7, 9));
    expect(trimRows(half, Int32Array.of(1))).toEqual(ndarray('bfloat16', [1, 1], Uint16Array.of(9)));
  });

  test('reads through a view that starts inside its buffer', () => {
    const view = new Float32Array([9, 9, 1, 2, 3, 4]).subarray(2);
    expect(trimRows(ndarray('float32', [2, 2], view), Int32Array.of(1)).data).toEqual(Float32Array.of(3, 4));
  });

  test('refuses other shapes and rows outside', () => {
    expect(() => trimRows(int32([4], [1, 2, 3, 4]), Int32Array.of(0))).toThrow(RangeError);
    expect(() => trimRows(float32([1, 1], [0]), Int32Array.of(1))).toThrow(
      /row 1 is not in the table of 1 rows/,
    );
  });
});
