import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMultipart } from '../../../src/server/requests/multipart.ts';

const TYPE = 'multipart/form-data; boundary=X';
const parse = (text: string, type = TYPE) => parseMultipart(new Uint8Array(Buffer.from(text, 'utf8')), type);
const field = (name: string, value: string) =>
  `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

describe('parseMultipart', () => {
  it('reads what the platform writes', async () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const content = fc.uint8Array({ maxLength: 300 });
    const part = fc.record({ name, content, fileName: fc.option(name) });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 8 }), async (parts) => {
        const form = new FormData();
        for (const { name, content, fileName } of parts) {
          if (fileName === null) form.append(name, Buffer.from(content).toString('latin1'));
          else form.append(name, new File([content], fileName, { type: 'image/png' }));
        }
        const written = new Response(form);
        const type = written.headers.get('content-type')!;
        const bytes = new Uint8Array(await written.arrayBuffer());
        const expected = [...(await new Response(bytes, { headers: { 'content-type': type } }).formData())];
        const found = [...parseMultipart(bytes, type)];
        expect(found.map(([key]) => key)).toEqual(expected.map(([key]) => key));
        for (const [i, [, value]] of found.entries()) {
          const other = expected[i]![1];
          if (typeof value === 'string' || typeof other === 'string') {
            expect(value).toBe(other);
            continue;
          }
          expect([value.name, value.type]).toEqual([other.name, other.type]);
          expect(await value.arrayBuffer()).toEqual(await other.arrayBuffer());
        }
      }),
      { numRuns: 40 },
    );
  });

  it('reads what curl and others write', async () => {
    const form = parse(
      `a preamble\r\n${field('a', '')}--X \t\r\ncontent-disposition: form-data; filename="a\\"b.png"; name=b\r\n` +
        'Content-Type: image/png\r\n\r\nx--X inside\r\n-- X\r\n--X--\r\nan epilogue',
      'Multipart/Form-Data; charset=utf-8; boundary="X"',
    );
    expect(form.get('a')).toBe('');
    expect(form.get('b')).toMatchObject({ name: 'a"b.png', type: 'image/png', size: 17 });
    const file = form.get('b');
    if (!(file instanceof File)) throw new Error('expected a file');
    expect(await file.text()).toBe('x--X inside\r\n-- X');
    expect(await file.slice(0, 4).text()).toBe('x--X');
    expect(await new Response(file.stream()).text()).toHaveLength(17);
  });

  it.each([
    ['no boundary in the type', field('a', 'b'), 'multipart/form-data', /names no boundary/],
    ['a boundary of 71 characters', '', `multipart/form-data; boundary=${'b'.repeat(71)}`, /1 to 70/],
    ['another boundary', field('a', 'b'), 'multipart/form-data; boundary=Y', /no part between/],
    ['an empty body', '', TYPE, /no part between/],
    ['a missing end', field('a', 'b'), TYPE, /ends before its last boundary/],
    ['an end inside a head', '--X\r\nContent-Disposition: form-data', TYPE, /ends before/],
    ['an endless head', `--X\r\na: ${'x'.repeat(9000)}\r\n\r\nb\r\n--X--`, TYPE, /ends before/],
    ['a part without a name', '--X\r\n\r\nb\r\n--X--', TYPE, /Content-Disposition/],
    [
      'a boundary with more behind it',
      '--X\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--Xy\r\n',
      TYPE,
      /something else/,
    ],
    [
      'a text of 17 kB',
      `${field('a', 'x'.repeat(17_000))}--X--`,
      TYPE,
      /^a: has more than the limit of 4096 bytes/,
    ],
  ])('refuses %s', (_, text, type, message) => {
    expect(() => parse(text, type)).toThrow(message);
  });

  it('refuses hundreds of thousands of parts at once', () => {
    const many = `${field('labels', 'x').repeat(200_000)}--X--`;
    const start = performance.now();
    expect(() => parse(many)).toThrow(/more than the limit of 96 fields/);
    // The platform's reader takes seconds and a kilobyte for each.
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
