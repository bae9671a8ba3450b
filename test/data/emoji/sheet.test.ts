import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { arrangeTiles, writeSheet } from '../../../src/data/emoji/sheet.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sheet-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const tile = (red: number, side: number): Uint8Array =>
  Uint8Array.from({ length: side * side * 4 }, (_, i) => [red, 40, 90, 255][i % 4]!);

it('places tile i at column i mod columns', () => {
  const { width, height, data } = arrangeTiles([tile(1, 2), tile(2, 2), tile(3, 2)], 2, 2);
  expect([width, height]).toEqual([4, 4]);
  const reds = [...data].filter((_, i) => i % 4 === 0);
  expect(reds).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 0, 0, 3, 3, 0, 0]);
});

it('writes a WebP that decodes to the tiles, and its index', async () => {
  const path = join(folder, 'a.webp');
  const bytes = await writeSheet([tile(250, 16), tile(5, 16)], ['🍎', '🫐'], path, { tile: 16 });
  expect((await readFile(path)).length).toBe(bytes);
  const { data, info } = await sharp(path).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([32, 16]);
  // Flat colour: lossy WebP keeps it within a few levels.
  expect(Math.abs(data[(8 * 32 + 8) * 4]! - 250)).toBeLessThan(6);
  expect(Math.abs(data[(8 * 32 + 24) * 4]! - 5)).toBeLessThan(6);
  expect(JSON.parse(await readFile(join(folder, 'a.json'), 'utf8'))).toEqual({
    tile: 16,
    columns: 2,
    emoji: ['🍎', '🫐'],
  });
});

it('refuses mismatched input', async () => {
  const path = join(folder, 'b.webp');
  await expect(writeSheet([tile(1, 4)], [], path, { tile: 4 })).rejects.toThrow('got 0 and 1');
  await expect(writeSheet([tile(1, 4)], ['🍎'], path, { tile: 5 })).rejects.toThrow('picture 0 has 64 bytes');
  await expect(writeSheet([tile(1, 4)], ['🍎'], 'b.png', { tile: 4 })).rejects.toThrow('must end in .webp');
});
