import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from '../../../../src/input/image/decode/decodeImage.ts';
import { file, largestDifference, pathOf, reference, referencesOf } from '../fixtures.ts';
import { pictures } from '../pictures.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const svg = (body: string, attributes = 'width="20" height="10"'): Uint8Array =>
  text(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${body}</svg>`,
  );

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siglip2-decode-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('pixels equal Pillow’s', () => {
  // 4:4:4 AVIF goes through two libraries' own YUV matrices, which round differently; all else is exact.
  const tolerance = (name: string): number => (name.endsWith('.avif') ? 1 : 0);

  test.each(referencesOf('decoded '))('%s', async (name) => {
    const expected = reference(`decoded ${name}`);
    const fromBytes = await decodeImage(file(name));
    expect([fromBytes.height, fromBytes.width, 3]).toEqual(expected.shape);
    expect(largestDifference(fromBytes.data, expected.data)).toBeLessThanOrEqual(tolerance(name));
    expect(await decodeImage(pathOf(name))).toEqual(fromBytes);
  });

  test.each(referencesOf('on colour '))('%s over a colour', async (name) => {
    const { data } = await decodeImage(file(name), { background: [255, 128, 3] });
    expect(largestDifference(data, reference(`on colour ${name}`).data)).toBe(0);
  });

  test('an opaque PNG is its picture', async () => {
    expect(await decodeImage(file('rgb.png'))).toEqual(pictures['gradient']!(23, 30));
  });
});

describe('what is not read is named', () => {
  const box = (brands: string) => {
    const bytes = Buffer.alloc(40);
    bytes.writeUInt32BE(8 + brands.length);
    bytes.write(`ftyp${brands}`, 4, 'latin1');
    return bytes;
  };
  test.each([
    ['a HEIC picture', box('heic\0\0\0\0mif1heic')],
    ['a video', box('isom\0\0\0\0mp41')],
    ['a JPEG XL picture', Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1')],
    ['a page of HTML', text('<!DOCTYPE html><html></html>')],
  ])('%s', async (what, bytes) => {
    await expect(decodeImage(bytes, { name: 'x' })).rejects.toThrow(`x: is ${what}, which is not read: `);
  });

  test('an animation in AVIF gives its first frame, or is refused as one', async () => {
    const bytes = file('frames.avif');
    // The animation comes first; a still picture is promised behind it.
    expect(Buffer.from(bytes.subarray(4, 12)).toString('latin1')).toBe('ftypavis');
    const { width, height } = await decodeImage(bytes);
    expect([width, height]).toEqual([53, 37]);
    const alone = Uint8Array.from(bytes);
    alone.set(text('xxxx'), 16);
    await expect(decodeImage(alone, { name: 'x' })).rejects.toThrow(/x: is an animated AVIF without a still/);
  });

  test('a BMP that is torn, compressed or of unknown depth', async () => {
    const bytes = Buffer.from(file('rgb.bmp'));
    const changed = (change: (copy: Buffer) => void) => {
      const copy = Buffer.from(bytes);
      change(copy);
      return decodeImage(copy, { name: 'x' });
    };
    await expect(decodeImage(bytes.subarray(0, 300), { name: 'x' })).rejects.toThrow(
      /x: ends before its 13×11/,
    );
    await expect(decodeImage(bytes.subarray(0, 20), { name: 'x' })).rejects.toThrow(/^x: /);
    await expect(changed((copy) => copy.writeUInt32LE(1, 30))).rejects.toThrow(/compressed BMP/);
    await expect(changed((copy) => copy.writeUInt16LE(2, 28))).rejects.toThrow(/2 bits a pixel/);
    await expect(changed((copy) => copy.writeInt32LE(2 ** 31 - 1, 18))).rejects.toThrow(
      /more than the limit/,
    );
    await expect(changed((copy) => copy.writeInt32LE(0, 18))).rejects.toThrow(/^x: /);
  });
});

describe('SVG', () => {
  test('its longer side has svgSide pixels, on white unless told otherwise', async () => {
    const drawing = svg('<rect width="10" height="10" fill="#f00"/>');
    const image = await decodeImage(drawing, { svgSide: 40 });
    expect([image.width, image.height]).toEqual([40, 20]);
    expect([...image.data.subarray(0, 3)]).toEqual([255, 0, 0]);
    expect([...image.data.subarray(39 * 3, 40 * 3)]).toEqual([255, 255, 255]);
    const onBlue = await decodeImage(drawing, { svgSide: 40, background: [0, 0, 255] });
    expect([...onBlue.data.subarray(39 * 3, 40 * 3)]).toEqual([0, 0, 255]);
    expect((await decodeImage(drawing)).width).toBe(512);
  });

  test('a huge one is drawn small', async () => {
    const image = await decodeImage(svg('', 'width="30000" height="20000"'), { svgSide: 600 });
    expect([image.width, image.height]).toEqual([600, 400]);
  });

  test('is recognised behind a declaration, a comment and a byte-order mark', async () => {
    const drawing = new TextDecoder().decode(svg('<rect width="20" height="10"/>'));
    const prologue = '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- a black box -->\n';
    const { data } = await decodeImage(text(prologue + drawing), { svgSide: 20 });
    expect(data.every((value) => value === 0)).toBe(true);
  });

  test('reads no files, not even when opened by path', async () => {
    await writeFile(join(folder, 'secret.png'), file('rgb.png'));
    await writeFile(join(folder, 'secret.txt'), 'secret');
    const body = [
      '<image width="20" height="10" xlink:href="secret.png"/>',
      `<image width="20" height="10" xlink:href="file://${join(folder, 'secret.png')}"/>`,
      '<image width="20" height="10" xlink:href="http://127.0.0.1:9/secret.png"/>',
      '<text y="9"><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="secret.txt" parse="text"/></text>',
    ].join('');
    await writeFile(join(folder, 'outside.svg'), svg(body));
    const { data } = await decodeImage(join(folder, 'outside.svg'), { svgSide: 40 });
    expect(data.every((value) => value === 255)).toBe(true);
  });

  test('entities can neither read files nor explode', async () => {
    const lol = Array.from({ length: 12 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join(
      '',
    );
    const declared = `<!DOCTYPE svg [<!ENTITY e0 "aaaaaaaaaa">${lol}<!ENTITY f SYSTEM "file:///etc/hostname">]>`;
    const drawing = new TextDecoder().decode(svg('<text y="9">&f;&e12;</text>'));
    const outcome = await decodeImage(text(declared + drawing), { svgSide: 20 }).catch(String);
    // The parser either refuses the entities or leaves them out.
    if (typeof outcome === 'string') expect(outcome).toContain("can't be decoded");
    else expect(outcome.data.every((value) => value === 255)).toBe(true);
  });
});

/** A PNG header that promises any size, with almost no data. */
function pngOf(width: number, height: number): Uint8Array {
  const chunk = (kind: string, data: Uint8Array): Uint8Array => {
    const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = chunk('IDAT', deflateSync(Buffer.alloc(100)));
  return Buffer.concat([magic, chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('limits', () => {
  test('pixels are counted on the header, before decoding', async () => {
    const before = process.memoryUsage().rss;
    await expect(decodeImage(pngOf(60_000, 60_000), { name: 'bomb.png' })).rejects.toThrow(
      'bomb.png: 60000×60000 decodes to 3600000000 pixels, more than the limit of 100000000: shrink the image or raise maxPixels.',
    );
    // Decoded it would be 10.8 GB.
    expect(process.memoryUsage().rss - before).toBeLessThan(500e6);
    await expect(decodeImage(file('rgb.png'), { maxPixels: 689 })).rejects.toThrow('limit of 689');
    expect((await decodeImage(file('rgb.png'), { maxPixels: 690 })).width).toBe(30);
  });

  test('an SVG is counted at the size at which it is drawn', async () => {
    await expect(decodeImage(svg(''), { svgSide: 2000, maxPixels: 1e6 })).rejects.toThrow('2000000 pixels');
  });

  test('bytes are counted before reading', async () => {
    await expect(decodeImage(file('rgb16.png'), { maxBytes: 4000 })).rejects.toThrow(
      'image data: has 4231 bytes, more than the limit of 4000: shrink it or raise maxBytes.',
    );
    await expect(decodeImage(pathOf('rgb16.png'), { maxBytes: 4000 })).rejects.toThrow('has 4231 bytes');
  });
});

describe('broken input gives one sentence that names it', () => {
  const REMEDY = 'give a complete JPEG, PNG, WebP, AVIF, GIF, BMP, TIFF or SVG file.';

  test.each(['rgb.jpg', 'progressive.jpg', 'rgba.png', 'rgba.webp', 'frames.gif', 'rgb.avif'])(
    'truncated %s',
    async (name) => {
      const bytes = file(name);
      const half = bytes.subarray(0, Math.floor(bytes.length * 0.6));
      const error = await decodeImage(half, { name }).catch((caught: Error) => caught);
      expect(String(error)).toMatch(new RegExp(`^Error: ${name}: can't be decoded \\(.*\\): ${REMEDY}$`));
    },
  );

  test.each([
    ['text', text('hello world')],
    ['a zero-sized PNG', pngOf(0, 5)],
    ['a zero-sized SVG', svg('', 'width="0" height="0"')],
    ['half an SVG', text('<svg xmlns="http://www.w3.org/2000/svg" width="3"')],
    ['a PDF', text('%PDF-1.4\n1 0 obj')],
    ['a TIFF', Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0)],
    ['a HEIC file', text('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
    ['HTML', text('<html><body>404</body></html>')],
    ['three bytes', Uint8Array.of(0xff, 0xd8, 0xff)],
  ])('%s', async (_, bytes) => {
    await expect(decodeImage(bytes, { name: 'x' })).rejects.toThrow(REMEDY);
  });

  test('an empty, missing or wrong path', async () => {
    await expect(decodeImage(new Uint8Array(0))).rejects.toThrow(`image data: is empty: ${REMEDY}`);
    await expect(decodeImage('no/such.png')).rejects.toThrow(
      "no/such.png: can't be read (ENOENT): check the path.",
    );
    // A byte of a name that is no UTF-8.
    await expect(decodeImage('bl\ufffd.png')).rejects.toThrow('its name is not UTF-8: rename the file.');
    await expect(decodeImage(folder)).rejects.toThrow('is not a file');
    await expect(decodeImage('https://example.org/a.png')).rejects.toThrow('is a URL, not a path');
  });

  test('a format that the caller does not accept', async () => {
    const options = { name: 'logo', formats: ['jpeg', 'png'] } as const;
    await expect(decodeImage(svg(''), options)).rejects.toThrow(
      'logo: is svg, which is not accepted here: give jpeg, png.',
    );
    expect((await decodeImage(file('rgb.jpg'), options)).width).toBe(30);
  });

  test('damaged files are decoded or refused, never worse', async () => {
    const names = ['rgb.jpg', 'rgba.png', 'rgb.webp', 'frames.gif', 'rgb.avif'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.nat(255), async (name, place, value) => {
        const bytes = Uint8Array.from(file(name));
        bytes[place % bytes.length] = value;
        const outcome = await decodeImage(bytes, { name, maxPixels: 1e6 }).catch(String);
        if (typeof outcome === 'string') expect(outcome).toMatch(new RegExp(`^Error: ${name}: .*\\.$`));
        else expect(outcome.data.length).toBe(outcome.width * outcome.height * 3);
      }),
      { seed: 4, numRuns: 150 },
    );
  });
});
