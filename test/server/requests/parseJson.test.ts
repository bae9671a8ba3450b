import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JSON_SHAPE } from '../../../src/server/requests/limits.ts';
import { LongString } from '../../../src/server/requests/longString.ts';
import { parseJson } from '../../../src/server/requests/parseJson.ts';

const LONG = JSON_SHAPE.longString;
const utf8 = new TextEncoder();
const parse = (text: string) => parseJson(utf8.encode(text));

/** A value whose long strings are strings again. */
function whole(value: unknown): unknown {
  if (value instanceof LongString) return Buffer.concat([...value.parts(1000)]).toString();
  if (Array.isArray(value)) return value.map(whole);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, whole(one)]));
}

describe('parseJson', () => {
  it('gives what JSON.parse gives, with blanks, escapes and long strings', () => {
    const long = fc
      .tuple(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constantFrom('x', '"', '\\', '/', 'é'))
      .map(([start, filler]) => start + filler.repeat(LONG));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue({ maxDepth: 2 }),
        { arbitrary: long, weight: 1 },
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 5 }), tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2, '\t'), (given, indent) => {
        const text = JSON.stringify(given, undefined, indent);
        expect(whole(parse(text))).toEqual(whole(JSON.parse(text)));
      }),
      { numRuns: 40 },
    );
  });

  it('cuts no letter in two where a part has escapes', () => {
    for (const letter of ['é', '고', '🦊'])
      for (const start of ['"', '" ', '"  ', '"   ']) {
        const text = start + letter.repeat(LONG);
        expect(whole(parse(JSON.stringify(text)))).toBe(text);
      }
  });

  it('refuses what is no JSON, as JSON.parse does', () => {
    const letters = fc.constantFrom(...'[]{},:"\\ 01', 'true', 'x'.repeat(LONG + 1));
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), (parts) => {
        const text = parts.join('');
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        if (isJson) expect(whole(parse(text))).toEqual(JSON.parse(text));
        else expect(() => parse(text)).toThrow('not valid JSON');
      }),
      { numRuns: 500 },
    );
  });

  it('keeps a long string as it came, but not the name of a field', () => {
    const name = 'n'.repeat(LONG + 1);
    const parsed = parse(JSON.stringify({ image: 'x'.repeat(LONG + 1), short: 'y'.repeat(LONG), [name]: 1 }));
    expect(parsed).toEqual({ image: expect.any(LongString), short: 'y'.repeat(LONG), [name]: 1 });
  });

  it('refuses values and depths out of proportion before they are parsed', () => {
    const quick = (text: string, message: string) => {
      const start = performance.now();
      expect(() => parse(text)).toThrow(message);
      expect(performance.now() - start).toBeLessThan(1000);
    };
    quick(`[${'{},'.repeat(2 ** 20)}{}]`, 'bytes outside of strings');
    quick(`["${'\\"'.repeat(2 ** 20)}"]`, 'bytes outside of strings');
    quick('['.repeat(2 ** 20), 'nested deeper than the limit of 64');
    quick(`"${'x'.repeat(2 ** 22)}`, 'not valid JSON');
    quick(`"${'\\'.repeat(2 ** 22 + 1)}"`, 'not valid JSON');
  });

  it('takes no field for a prototype', () => {
    const parsed = parse(`{"__proto__":{"text":"a"},"long":"${'x'.repeat(LONG + 1)}"}`);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.keys(parsed as object)).toEqual(['__proto__', 'long']);
  });
});
