import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listDrawings } from '../../../../datasets/emoji/drawings/drawings.ts';
import { loadPictures } from '../../../../datasets/emoji/drawings/pictures.ts';
import { padToSquare, renderDrawing, resizeRgba } from '../../../../datasets/emoji/drawings/render.ts';
import { completeStyles } from '../../../../datasets/emoji/drawings/styles.ts';
import { composite } from '../../../../src/input/image/rgbaImage.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emoji-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const fixtureSchema = z.array(
  z.object({ side: z.number(), size: z.number(), pixels: z.string(), resized: z.string() }),
);

describe('resizeRgba', () => {
  it('gives the bytes of Pillow', async () => {
    const path = new URL('../../../../parity/fixtures/emoji/resize.json', import.meta.url);
    const cases = fixtureSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    expect(cases.length).toBe(4);
    for (const { side, size, pixels, resized } of cases) {
      const data = new Uint8Array(Buffer.from(pixels, 'base64'));
      const result = resizeRgba({ width: side, height: side, data }, size);
      const expected = Buffer.from(resized, 'base64');
      // Where alpha is 0 the colour says nothing: ours is 0, Pillow's is the premultiplied remainder.
      const differing = result.filter(
        (value, i) => (i % 4 === 3 || expected[i | 3] !== 0) && value !== expected[i],
      );
      expect(differing.length).toBe(0);
    }
  });

  it('does not darken edges: colour comes from the opaque pixels alone', () => {
    // Left half opaque red, right half transparent black; halved, the middle is red at partial alpha.
    const data = new Uint8Array(6 * 6 * 4);
    for (let i = 0; i < 36; i++) if (i % 6 < 3) data.set([255, 0, 0, 255], i * 4);
    const small = resizeRgba({ width: 6, height: 6, data }, 2);
    for (let i = 0; i < 4; i++) {
      const [red, green, blue, alpha] = small.subarray(i * 4, i * 4 + 4);
      // One level for the rounding of the premultiplied colour.
      expect(red).toBeGreaterThanOrEqual(254);
      expect([green, blue]).toEqual([0, 0]);
      if (i % 2 === 0) expect(alpha).toBeGreaterThan(128);
      else expect(alpha).toBeLessThan(128);
    }
  });

  it('leaves an opaque picture of the wanted size unchanged', () => {
    const data = Uint8Array.from({ length: 3 * 3 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 37) % 256));
    expect(resizeRgba({ width: 3, height: 3, data }, 3)).toEqual(data);
  });
});

it('padToSquare centres on transparency', () => {
  const square = padToSquare({ width: 1, height: 3, data: new Uint8Array(12).fill(9) });
  expect([square.width, square.height]).toEqual([3, 3]);
  const alpha = [...square.data].filter((_, i) => i % 4 === 3);
  expect(alpha).toEqual([0, 9, 0, 0, 9, 0, 0, 9, 0]);
});

it('composite mixes by alpha', () => {
  const rgba = Uint8Array.from([200, 100, 0, 255, 200, 100, 0, 0, 200, 100, 0, 51]);
  // 51/255 = 1/5 of the picture, 4/5 of the background.
  expect([...composite(rgba, [10, 20, 30])]).toEqual([200, 100, 0, 10, 20, 30, 48, 36, 24]);
  expect([...composite(rgba).subarray(3, 6)]).toEqual([255, 255, 255]);
});

it('renders an SVG of known colours at any size', async () => {
  const path = join(folder, 'half.svg');
  await writeFile(
    path,
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><path fill="#123456" d="M0 0h18v36H0z"/></svg>',
  );
  const pixels = await renderDrawing({ path }, 8);
  // Columns 3 and 4 touch the edge; the others are pure.
  expect([...pixels.subarray(8, 12)]).toEqual([0x12, 0x34, 0x56, 255]);
  expect([...pixels.subarray(24, 28)]).toEqual([0, 0, 0, 0]);
});

it('gives the pixels of a PNG of the wanted size as they are', async () => {
  const drawing = (await listDrawings('noto')).get('1f34e')!;
  if (!('path' in drawing)) throw new Error('Noto is drawn in files');
  const raw = await sharp(drawing.path).ensureAlpha().raw().toBuffer();
  const rendered = await renderDrawing(drawing, 64);
  expect(composite(rendered, [0, 0, 0]).length).toBe(64 * 64 * 3);
  const expected = raw.map((value, i) => (raw[i | 3] === 0 ? 0 : value));
  expect(Buffer.compare(rendered, expected)).toBe(0);
});

describe('loadPictures', () => {
  const ids = ['1f34e', '1f44b-1f3fd', '23-20e3'];

  it('renders each style once, then reads the same bytes from the cache', async () => {
    for (const style of completeStyles) {
      const rendered: number[] = [];
      const options = { size: 32, cacheDir: folder, onProgress: (done: number) => rendered.push(done) };
      const first = await loadPictures(style, ids, options);
      expect(rendered).toEqual([1, 2, 3]);
      const second = await loadPictures(style, ids, options);
      expect(rendered).toEqual([1, 2, 3]);
      for (let i = 0; i < ids.length; i++) {
        expect(first.picture(i).length).toBe(32 * 32 * 4);
        expect(Buffer.compare(first.picture(i), second.picture(i))).toBe(0);
        expect(first.picture(i).some((value) => value > 0)).toBe(true);
      }
      expect(Buffer.compare(first.picture(0), first.picture(1))).not.toBe(0);
    }
    expect((await readdir(folder)).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  it('renders again for another size, other emoji, or a file cut short', async () => {
    let renders = 0;
    const options = { size: 16, cacheDir: folder, onProgress: () => renders++ };
    const whole = await loadPictures('noto', ids, options);
    await loadPictures('noto', ids.slice(1), options);
    await loadPictures('noto', ids, { ...options, size: 17 });
    expect(renders).toBe(3 + 2 + 3);
    for (const file of await readdir(folder)) {
      if (file.startsWith('noto-16-') && file.endsWith('.bin')) await writeFile(join(folder, file), 'cut');
    }
    const again = await loadPictures('noto', ids, options);
    expect(renders).toBe(8 + 3);
    expect(Buffer.compare(again.picture(2), whole.picture(2))).toBe(0);
  });

  it('refuses unknown emoji, bad sizes and bad indices', async () => {
    await expect(loadPictures('noto', ['41'], { size: 16, cacheDir: folder })).rejects.toThrow(
      'the style noto has no drawing of the emoji 41',
    );
    await expect(loadPictures('noto', ids, { size: 0, cacheDir: folder })).rejects.toThrow('size is 0');
    const pictures = await loadPictures('noto', ids, { size: 16, cacheDir: folder });
    expect(() => pictures.picture(3)).toThrow('picture 3 is outside 0 … 2');
  });
});
