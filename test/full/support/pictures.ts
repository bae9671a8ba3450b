import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll } from 'vitest';
import { createRandom } from '../../../src/tensor/random.ts';

/** Names of classes, as folders say them, and their colours. */
const CLASSES = { 'red fox': [200, 60, 40], 'green leaf': [40, 180, 60], 'blue sea': [30, 80, 210] } as const;
export const CLASS_NAMES = Object.keys(CLASSES);

/** A folder that is removed after the test file. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'siglip2-full-work-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A photograph's size and noise, mostly of one colour, with a frame whose width tells pictures apart. */
async function picture(path: string, colour: readonly number[], seed: number, width = 320, height = 240) {
  const random = createRandom(seed, 'picture');
  const frame = 10 + random.int(60);
  const pixels = new Uint8Array(width * height * 3);
  for (let at = 0, y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x > frame && y > frame && x < width - frame && y < height - frame;
      for (let c = 0; c < 3; c++) pixels[at++] = (inside ? colour[c]! : 255 - colour[c]!) ^ random.int(40);
    }
  }
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toFile(path);
}

/** Pictures in a folder for each class; returns their paths in order. */
export async function classFolder(folder: string, perClass: number): Promise<string[]> {
  const paths: string[] = [];
  for (const [i, [name, colour]] of Object.entries(CLASSES).entries()) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let j = 0; j < perClass; j++) {
      const path = join(folder, name, `${String(j).padStart(3, '0')}.jpg`);
      await picture(path, colour, 1000 * i + j);
      paths.push(path);
    }
  }
  return paths;
}

/** One picture of each of some sizes. */
export async function shapedPictures(
  folder: string,
  sizes: readonly (readonly [width: number, height: number])[],
): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const paths: string[] = [];
  for (const [i, [width, height]] of sizes.entries()) {
    const path = join(folder, `${i}-${width}x${height}.jpg`);
    await picture(path, Object.values(CLASSES)[i % 3]!, i, width, height);
    paths.push(path);
  }
  return paths;
}
