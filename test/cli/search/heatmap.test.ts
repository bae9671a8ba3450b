import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { IMAGES, saveTinyModel, temporaryFolder } from '../models.ts';
import { cli } from '../testIo.ts';

const folder = temporaryFolder();
const MODEL = join(folder, 'model');
const at = (...names: string[]) => join(folder, ...names);
const heatmap = (...args: string[]) => cli(['heatmap', ...args, '--model', MODEL, '--threads', '1']);

beforeAll(async () => {
  await saveTinyModel(MODEL);
  mkdirSync(at('photos', 'below'), { recursive: true });
  copyFileSync(IMAGES[0]!, at('photos', 'a.png'));
  copyFileSync(IMAGES[1]!, at('photos', 'below', 'b.png'));
  writeFileSync(at('photos', 'broken.png'), 'no picture');
}, 60_000);

describe('heatmap', () => {
  test('draws a picture for each text, at the size of the original, and prints what its colours mean', async () => {
    const output = at('new', 'heat.webp');
    const { out, err, code } = await heatmap(
      IMAGES[0]!,
      '--text',
      'a cat',
      'un chien',
      '--box',
      '-o',
      output,
    );
    expect([code, err]).toEqual([0, '']);
    const files = [at('new', 'heat-1.webp'), at('new', 'heat-2.webp')];
    for (const file of files) expect(out).toContain(file);
    expect(out.match(/cosines of places: -?0\.\d+ \(dark\) to -?0\.\d+ \(bright\)/g)).toHaveLength(2);
    expect(out.match(/best part: \d+,\d+ to \d+,\d+, cosine -?[01]\.\d+/g)).toHaveLength(2);
    const { width, height } = await sharp(IMAGES[0]!).metadata();
    expect(await sharp(files[1]).metadata()).toMatchObject({ format: 'webp', width, height });
  });

  test('--json gives the grid, its values and the box, with or without a drawing', async () => {
    const { json, out } = await heatmap(IMAGES[0]!, '--text', 'a cat', '--json', '--windows', '3');
    const [heat] = json();
    const { rows, columns, least, most, values, box, probability } = heat as unknown as {
      readonly [name in 'rows' | 'columns' | 'least' | 'most' | 'probability']: number;
    } & { readonly values: number[][]; readonly box: object };
    expect(heat).toMatchObject({ image: IMAGES[0], text: 'a cat', score: expect.any(Number) });
    expect([values.length, values[0]!.length]).toEqual([rows, columns]);
    expect(Math.max(...values.flat())).toBeCloseTo(most, 4);
    expect(Math.min(...values.flat())).toBeCloseTo(least, 4);
    expect(Object.keys(box)).toEqual(['y1', 'x1', 'y2', 'x2']);
    expect(probability).toBeGreaterThan(0);
    expect(out).not.toContain('output');
  });

  test('a folder of pictures becomes a folder of heatmaps; what is bad is skipped and named', async () => {
    const output = at('heat');
    const { err, code } = await heatmap(at('photos'), '--text', 'a cat', '-o', output, '--max-bad', '0.5');
    expect(code).toBe(0);
    expect(err).toContain('broken.png');
    expect(readdirSync(output, { recursive: true }).sort()).toEqual([
      'a.png.heat.jpg',
      'below',
      join('below', 'b.png.heat.jpg'),
    ]);
    expect((await heatmap(at('photos'), '--text', 'a cat', '-o', output, '--max-bad', '0')).code).toBe(3);
  });

  test('a picture whose drawing has too long a name is no matter of the others', async () => {
    mkdirSync(at('long'));
    for (const name of ['a', 'n'.repeat(245)]) copyFileSync(at('photos', 'a.png'), at('long', `${name}.png`));
    const { code, err } = await heatmap(
      at('long'),
      '--text',
      'a cat',
      '-o',
      at('long heat'),
      '--max-bad',
      '1',
    );
    expect([code, err]).toEqual([0, expect.stringContaining('1 of 2 inputs are bad')]);
    expect(readdirSync(at('long heat'))).toEqual(['a.png.heat.jpg']);
  });

  test('never writes a picture, and says what is wrong with a call', async () => {
    const picture = at('photos', 'a.png');
    const before = readFileSync(picture);
    const own = await heatmap(picture, '--text', 'a cat', '-o', picture);
    expect([own.code, own.err]).toEqual([1, expect.stringMatching(/is the picture itself/)]);
    expect(readFileSync(picture)).toEqual(before);
    const wrong: [RegExp, ...string[]][] = [
      [/give --text/, picture, '-o', at('x.png')],
      [/no pictures/, '--text', 'a', '-o', at('x.png')],
      [/a text of --text is empty/, picture, '--text', ' ', '-o', at('x.png')],
      [/nowhere to draw/, picture, '--text', 'a'],
      [/one file, but there are 3 pictures; name a folder/, at('photos'), '--text', 'a', '-o', at('x.png')],
      [/--output is .*x\.gif.*ends in \.png, \.jpg or \.webp/, picture, '--text', 'a', '-o', at('x.gif')],
      [/--windows is "-1"/, picture, '--text', 'a', '-o', at('x.png'), '--windows', '-1'],
    ];
    for (const [message, ...args] of wrong) {
      const { code, err } = await heatmap(...args);
      expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    }
    expect(existsSync(at('x.png'))).toBe(false);
  });
});
