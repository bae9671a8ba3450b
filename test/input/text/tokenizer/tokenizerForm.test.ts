import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../../../src/input/text/tokenizer/loadTokenizer.ts';
import { trimTokenizer } from '../../../../src/input/text/trim/trimTokenizer.ts';
import { trimmedReference } from '../fixtures.ts';

const base = trimmedReference.tokenizerJson;
const model = base['model'] as Record<string, unknown>;
const pieces = Object.keys(model['vocab'] as object).length;
const added = base['added_tokens'] as object[];
const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false };

/** A regular expression that backtracks: each character of a text that does not match doubles the time. */
const BACKTRACKING = { Regex: '(a+)+$' };
const replace = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
const split = {
  type: 'Split',
  pattern: { String: ' ' },
  behavior: 'MergedWithPrevious',
  invert: false,
};

describe('what a tokenizer.json may say', () => {
  test.each([
    [
      'lower-casing first',
      { normalizer: { type: 'Sequence', normalizers: [{ type: 'Lowercase' }, replace] } },
    ],
    ['no pre-tokeniser', { pre_tokenizer: null }],
    ['another end of texts', { post_processor: { type: 'ByteLevel' } }],
    ['another way to join pieces', { decoder: { type: 'Replace', pattern: BACKTRACKING, content: '' } }],
    [
      'affixes that are empty',
      { model: { ...model, continuing_subword_prefix: '', end_of_word_suffix: null } },
    ],
  ])('%s', async (_, change) => {
    const [a, b] = [await loadTokenizer(base), await loadTokenizer({ ...base, ...change })];
    const text = 'A Photo of 2 cats,\n and  a Dog<eos>🦊';
    expect(b.pieceIds(text)).toEqual(a.pieceIds(text));
    expect(b.decode(b.encode(text))).toBe(a.decode(a.encode(text)));
  });

  test.each([
    [{ normalizer: { ...replace, pattern: BACKTRACKING } }, /normalizer is a regular expression/],
    [
      { normalizer: { type: 'Sequence', normalizers: [replace, { ...replace, pattern: BACKTRACKING }] } },
      /normalizer\.normalizers\.1 is a regular expression, which is never run/,
    ],
    [{ pre_tokenizer: { ...split, pattern: BACKTRACKING } }, /pre_tokenizer is a regular expression/],
    [{ normalizer: { type: 'NFKC' } }, /normalizer is \{"type":"NFKC"\}; expected Replace/],
    [{ normalizer: { type: 'Lowercase' } }, /normalizer is/],
    [{ normalizer: null }, /normalizer is null/],
    [{ normalizer: { ...replace, content: '_' } }, /normalizer is/],
    [{ pre_tokenizer: { type: 'ByteLevel' } }, /pre_tokenizer is \{"type":"ByteLevel"\}/],
    [{ pre_tokenizer: { ...split, invert: true } }, /pre_tokenizer is/],
    [{ model: { ...model, byte_fallback: false } }, /model\.byte_fallback/],
    [{ model: { ...model, ignore_merges: true } }, /model\.ignore_merges is true/],
    [{ model: { ...model, continuing_subword_prefix: '##' } }, /model\.continuing_subword_prefix is "##"/],
    [{ model: { ...model, end_of_word_suffix: '</w>' } }, /model\.end_of_word_suffix/],
    [{ added_tokens: [{ id: 5 }] }, /added_tokens\.0\.content/],
  ])('other forms are refused: %#', async (change, message) => {
    await expect(loadTokenizer({ ...base, ...change })).rejects.toThrow(message);
    await expect(loadTokenizer({ ...base, ...change })).rejects.toThrow(
      /tokenizer\.json: .*; use the tokenizer/,
    );
  });
});

describe('added tokens', () => {
  const tokens = (...more: object[]) => ({ ...base, added_tokens: [...added, ...more] });
  const token = (content: string, id: number, flags = {}) => ({ content, id, ...plain, ...flags });

  test('one that model.vocab lacks follows the last piece, whatever number the file gives it', async () => {
    const tokenizer = await loadTokenizer(tokens(token('<b>', 99_999), token('<a>', 7_777)));
    expect(tokenizer.pieceIds('<a><b>')).toEqual([pieces, pieces + 1]);
    expect(tokenizer.vocabSize).toBe(pieces + 2);
    expect(tokenizer.decode([pieces + 1, pieces])).toBe('<b><a>');
  });

  test('one without a row in the model is read as text; a piece without one is named', async () => {
    const before = await loadTokenizer(base);
    const source = tokens(token('<a>', pieces));
    const limited = await loadTokenizer(source, { vocabSize: pieces });
    expect(limited.pieceIds('<a> cat')).toEqual(before.pieceIds('<a> cat'));
    const short = await loadTokenizer(source, { vocabSize: pieces - 1 });
    const last = Object.entries(model['vocab'] as Record<string, number>).find(
      ([, id]) => id === pieces - 1,
    )![0];
    expect(() => short.encode(last)).toThrow(RangeError);
    expect(() => short.encode(last)).toThrow(
      new RegExp(`has id ${pieces - 1}, but the model has embeddings for`),
    );
    expect(short.encode('cat')).toEqual(before.encode('cat'));
  });

  test('trimming gives those in use a place among the pieces and drops those without a row', async () => {
    const source = tokens(
      token('<a>', pieces, { special: true }),
      token('<b>', pieces + 1, { special: true }),
    );
    const { tokenizerJson, kept } = trimTokenizer(source, ['a cat'], { vocabSize: pieces + 1 });
    expect(kept.at(-1)).toBe(pieces);
    expect(tokenizerJson.model.vocab['<a>']).toBe(kept.length - 1);
    expect(tokenizerJson.added_tokens.map(({ content }) => content)).not.toContain('<b>');
    const tokenizer = await loadTokenizer(tokenizerJson);
    expect(tokenizer.pieceIds('<a>')).toEqual([kept.length - 1]);
  });
});

describe('tokenizer_config.json beside the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'siglip2-tokenizer-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'tokenizer.json');
  writeFileSync(path, JSON.stringify(base));

  test('its special tokens are found where the model has rows for them', async () => {
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ extra_special_tokens: ['<z>'] }));
    const tokenizer = await loadTokenizer(path, { vocabSize: pieces + 1 });
    expect(tokenizer.pieceIds('<z>')).toEqual([pieces]);
    const without = await loadTokenizer(path, { vocabSize: pieces });
    expect(without.pieceIds('<z>')).toEqual((await loadTokenizer(path)).pieceIds('<z>'));
  });

  test('a file too large to be a tokenizer is not read', async () => {
    const huge = join(folder, 'huge.json');
    writeFileSync(huge, '{');
    truncateSync(huge, 2 ** 33);
    await expect(loadTokenizer(huge)).rejects.toThrow(/huge\.json has 8589934592 bytes, more than the limit/);
  });

  test('a field of another form is named', async () => {
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ extra_special_tokens: [1] }));
    await expect(loadTokenizer(path, { vocabSize: pieces })).rejects.toThrow(
      /tokenizer_config\.json: extra_special_tokens/,
    );
  });
});
