import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AddedToken, createSplitter } from '../../../../src/input/text/tokenizer/addedTokens.ts';

const token = (content: string, id: number): AddedToken => ({
  id,
  content,
  special: false,
  normalized: false,
  singleWord: false,
  lstrip: false,
  rstrip: false,
});

/** The definition: at each place the longest token that begins there. */
function split(text: string, tokens: readonly AddedToken[]): (string | number)[] {
  const parts: (string | number)[] = [];
  let plain = '';
  for (let at = 0; at < text.length; ) {
    const [longest] = tokens
      .filter(({ content }) => content !== '' && text.startsWith(content, at))
      .sort((a, b) => b.content.length - a.content.length || a.id - b.id);
    if (longest && plain !== '') parts.push(plain);
    if (longest) parts.push(longest.id);
    plain = longest ? '' : plain + text[at];
    at += longest?.content.length ?? 1;
  }
  return plain === '' ? parts : [...parts, plain];
}

test('property: the leftmost first, of those the longest', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '🦊', ' '), maxLength: 5 });
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 12 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '🦊', ' '), maxLength: 40 }),
      (contents, text) => {
        const tokens = contents.map(token);
        const parts = createSplitter(tokens.map((one) => [one.content, one]))(text);
        expect(parts.map((part) => (typeof part === 'string' ? part : part.id))).toEqual(split(text, tokens));
      },
    ),
  );
});

test('many tokens, and long ones, take no more memory than themselves', () => {
  const before = process.memoryUsage().heapUsed;
  const long = 'x'.repeat(5_000_000);
  const many = Array.from({ length: 200_000 }, (_, id) => token(`<${id}>`, id));
  const splitter = createSplitter([...many, token(long, -1)].map((one) => [one.content, one]));
  expect(splitter('a<77>b').length).toBe(3);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 2 ** 20);
});

test('white space that tokens take is walked once', () => {
  const takes = { ...token('\t', 1), lstrip: true, rstrip: true };
  const started = performance.now();
  expect(createSplitter([['\t', takes]])('\t'.repeat(300_000)).length).toBe(1);
  expect(performance.now() - started).toBeLessThan(5000);
});
