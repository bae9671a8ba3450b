import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeText, textLines, textPieces } from '../../../src/input/text/textFile.ts';

const utf16 = (text: string, littleEndian = true): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return littleEndian ? bytes : bytes.swap16();
};

/** The bytes in chunks of one size: cuts fall within characters and marks. */
async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function joined(pieces: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

const TEXT = 'red disc\nblue box\r\nGröße 大\nсмайлик\n';
const LINES = ['red disc', 'blue box', 'Größe 大', 'смайлик'];

describe('text of every encoding that says what it is', () => {
  test.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${TEXT}`)],
    ['UTF-16, little end first', utf16(TEXT)],
    ['UTF-16, big end first', utf16(TEXT, false)],
  ])('%s', async (_, bytes) => {
    expect(decodeText(bytes, 'f')).toBe(TEXT);
    for (const size of [1, 2, 3, 5, 1000])
      expect(await joined(textLines(chunked(bytes, size), 'f'))).toEqual(LINES);
  });

  test('any text comes back, in chunks of any size', async () => {
    const texts = fc
      .array(fc.string({ unit: 'binary', maxLength: 8 }), { maxLength: 5 })
      .map((lines) => lines.join('\n').replace(/\0/g, ''));
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 9 }), async (text, size) => {
        // Lone halves of a pair of units are no text; a mark at the start is none of it.
        const plain = Buffer.from(text)
          .toString()
          .replace(/^\ufeff+/, '');
        for (const bytes of [Buffer.from(plain), utf16(plain), utf16(plain, false)]) {
          expect(decodeText(bytes, 'f')).toBe(plain);
          expect((await joined(textPieces(chunked(bytes, size), 'f'))).join('')).toBe(plain);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('what is no text is refused with file, line and remedy', () => {
  const latin1 = Buffer.from('café crème\nnaïve\n', 'latin1');
  const message = /^f\.txt: line 1 is not valid UTF-8: save the file as UTF-8$/;

  test('Latin-1', async () => {
    expect(() => decodeText(latin1, 'f.txt')).toThrow(message);
    for (const size of [1, 4, 100])
      await expect(joined(textLines(chunked(latin1, size), 'f.txt'))).rejects.toThrow(message);
  });

  test('names the first line that is wrong, whatever stands around it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(60),
        fc.nat(60),
        fc.integer({ min: 1, max: 40 }),
        async (before, behind, size) => {
          const bytes = Buffer.concat([
            Buffer.from('größer\n'.repeat(before)),
            Buffer.from('caf\xe9 x\n', 'latin1'),
            Buffer.from('\xe9\n'.repeat(behind), 'latin1'),
          ]);
          const expected = `f: line ${before + 1} is not valid UTF-8`;
          expect(() => decodeText(bytes, 'f')).toThrow(expected);
          await expect(joined(textLines(chunked(bytes, size), 'f'))).rejects.toThrow(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('half a character, half a pair, and UTF-16 that does not say so', async () => {
    expect(() => decodeText(Buffer.from('ab\nc\xc3', 'latin1'), 'f')).toThrow('f: line 2 is not valid UTF-8');
    const half = Buffer.concat([utf16('ab\n'), Buffer.from([0x3d, 0xd8])]);
    expect(() => decodeText(half, 'f')).toThrow('f: line 2 is not valid UTF-16LE');
    expect(() => decodeText(utf16('ab\nc').subarray(2), 'f')).toThrow(/f: line 1 holds a zero byte.*UTF-16/);
  });
});
