import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBase64 } from '../../../src/server/items/base64.ts';

const bytes = fc.uint8Array({ maxLength: 100 });

it('reads every form in which programs write base64', () => {
  fc.assert(
    fc.property(bytes, fc.boolean(), fc.boolean(), fc.nat(8), (content, forAddresses, padded, width) => {
      let text = Buffer.from(content).toString(forAddresses ? 'base64url' : 'base64');
      text = text.replace(/=+$/, '');
      if (padded) text = text.padEnd(Math.ceil(text.length / 4) * 4, '=');
      if (width > 0) text = text.replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n ');
      expect(decodeBase64(text)).toEqual(content);
    }),
  );
});

/** What base64 is, said slowly: whole groups of four, or what is left of the last one, padded or not. */
const EXACT = /^([\w+/-]{4})*([\w+/-]{2}(==)?|[\w+/-]{3}=?)?$/;

it('leaves nothing out in silence: what is no base64 is none', () => {
  const letters = fc.constantFrom(...'ABab01+/-_=', ' ', '\n', '!', '.', 'é', '\0', '\u{1f600}');
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 12 }), (text) => {
      const isBase64 = EXACT.test(text.replace(/[ \n]/g, ''));
      expect(decodeBase64(text) !== undefined).toBe(isBase64);
    }),
    { numRuns: 2000 },
  );
});
