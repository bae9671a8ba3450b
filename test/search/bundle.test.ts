import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { load } from '../../src/encoder/load.ts';
import { composite } from '../../src/input/image/rgbaImage.ts';
import { rgbImage } from '../../src/input/image/rgbImage.ts';
import { buildBundle } from '../../src/search/bundle/buildBundle.ts';
import { openBundle } from '../../src/search/bundle/openBundle.ts';
import { rank } from '../../src/search/bundle/rank.ts';
import { discs, saveTinyModel } from '../server/tinyModel.ts';

const COUNT = 12;
const root = mkdtempSync(join(tmpdir(), 'siglip2-gallery-'));
const model = join(root, 'model');
const folder = join(model, 'gallery');
let encoder: Encoder;

beforeAll(async () => {
  await saveTinyModel(model);
  encoder = await load(model, { threads: 1 });
  await buildBundle(encoder, discs(COUNT), folder);
  // For a machine that is busy with other work: alone this takes a second.
}, 120_000);

afterAll(async () => {
  await encoder?.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** A copy of the gallery with one text file changed. */
async function damaged(name: string, change: (text: string) => string): Promise<string> {
  const copy = mkdtempSync(join(root, 'copy-'));
  cpSync(folder, copy, { recursive: true });
  const path = join(copy, name);
  await writeFile(path, change(await readFile(path, 'latin1')), 'latin1');
  return copy;
}

describe('a gallery', () => {
  it('comes back as it was built', async () => {
    const gallery = await openBundle(folder, encoder);
    const source = discs(COUNT);
    expect(gallery?.items).toEqual(source.items);
    expect(gallery?.size).toBe(16);
    expect(gallery?.embeddings.shape).toEqual([COUNT, 16]);
    expect(gallery?.pictures).toHaveLength(COUNT);
    for (const index of [0, 7, 11]) {
      const { data, info } = await sharp(gallery?.pictures[index])
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(info).toMatchObject({ width: 16, height: 16, channels: 4 });
      const drawn = source.picture(index);
      // Alpha is stored without loss; the colour in the middle within lossy WebP's error.
      expect(data.filter((_, i) => i % 4 === 3)).toEqual(Buffer.from(drawn.filter((_, i) => i % 4 === 3)));
      const centre = (8 * 16 + 8) * 4;
      for (const c of [0, 1, 2]) expect(Math.abs(data[centre + c]! - drawn[centre + c]!)).toBeLessThan(24);
    }
  });

  it('ranks as the encoder scores the pictures on white', async () => {
    const gallery = (await openBundle(folder, encoder))!;
    const source = discs(COUNT);
    const images = source.items.map((_, i) => rgbImage(16, 16, composite(source.picture(i))));
    const { data } = await encoder.score(images, ['a cat']);
    const query = await encoder.embedTexts(['a cat']);
    const hits = rank(gallery, query, encoder.logitScalars, { limit: COUNT, variants: true });
    expect(hits).toHaveLength(COUNT);
    // Stored in half precision: 2^-11 of a unit vector, times a temperature of at most e.
    for (const { index, probability } of hits)
      expect(Math.abs(probability - data[index]!)).toBeLessThan(2e-3);
    const probabilities = hits.map(({ probability }) => probability);
    expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
    const collapsed = rank(gallery, query, encoder.logitScalars, { limit: COUNT });
    expect(collapsed).toHaveLength((COUNT * 2) / 3);
  });

  it('is absent where there is none', async () => {
    expect(await openBundle(join(root, 'nowhere'), encoder)).toBeUndefined();
  });

  it('is refused when other weights made it', async () => {
    const other = join(root, 'other');
    await saveTinyModel(other, 1);
    const stranger = await load(other, { threads: 1 });
    try {
      await expect(openBundle(folder, stranger)).rejects.toThrow(/other weights.*recipes\/emojiGallery/);
    } finally {
      await stranger.dispose();
    }
  });

  it('is refused when its files do not fit together', async () => {
    const noName = await damaged('gallery.json', (text) => text.replace('"name": "disc 3"', '"name": 3'));
    await expect(openBundle(noName, encoder)).rejects.toThrow(/gallery\.json: items\.3\.name: .*string/);
    const fewer = await damaged('gallery.json', (text) => {
      const index = JSON.parse(text);
      return JSON.stringify({ ...index, items: index.items.slice(1) });
    });
    await expect(openBundle(fewer, encoder)).rejects.toThrow(/pictures\.safetensors: .*11 pictures/);
    const truncated = await damaged('embeddings.safetensors', (text) => text.slice(0, -2));
    await expect(openBundle(truncated, encoder)).rejects.toThrow(/embeddings\.safetensors/);
  });

  it('is not built from nothing or from two items of one id', async () => {
    const out = join(root, 'refused');
    await expect(buildBundle(encoder, { ...discs(1), items: [] }, out)).rejects.toThrow(/at least one/);
    const [item] = discs(1).items;
    await expect(buildBundle(encoder, { ...discs(1), items: [item!, item!] }, out)).rejects.toThrow(
      /same id/,
    );
  });
});
