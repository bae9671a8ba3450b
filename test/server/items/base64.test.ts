import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBase64 } from '../../../src/server/items/base64.ts';

const bytes = fc.uint8Array({ maxLength: 100 });

/** Decodes a text in parts of so many letters. */
function decode(text: string, size = 7) {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / size);
  const parts = Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  return decodeBase64(parts, bytes.length);
}

it('reads every form in which programs write base64', async () => {
  await fc.assert(
    fc.asyncProperty(
      bytes,
      fc.boolean(),
      fc.boolean(),
      fc.nat(8),
      async (content, forAddresses, padded, width) => {
        let text = Buffer.from(content).toString(forAddresses ? 'base64url' : 'base64');
        text = text.replace(/=+$/, '');
        if (padded) text = text.padEnd(Math.ceil(text.length / 4) * 4, '=');
        if (width > 0) text = text.replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n ');
        expect(await decode(text)).toEqual(content);
      },
    ),
  );
});

/** What base64 is, said slowly: whole groups of four, or what is left of the last one, padded or not. */
const EXACT = /^([\w+/-]{4})*([\w+/-]{2}(==)?|[\w+/-]{3}=?)?$/;

it('leaves nothing out in silence: what is no base64 is none', async () => {
  const letters = fc.constantFrom(...'ABab01+/-_=', ' ', '\n', '!', '.', 'é', '\0', '\u{1f600}');
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: letters, maxLength: 12 }), async (text) => {
      const isBase64 = EXACT.test(text.replace(/[ \n]/g, ''));
      expect((await decode(text)) !== undefined).toBe(isBase64);
    }),
    { numRuns: 2000 },
  );
});
