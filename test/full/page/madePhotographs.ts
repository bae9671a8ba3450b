import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

/** Fluent Emoji in three dimensions, © Microsoft (MIT). */
const DRAWINGS = join(
  dirname(createRequire(import.meta.url).resolve('@lobehub/fluent-emoji-3d/package.json')),
  'assets',
);

/** What is on a made-up photograph: the drawing's code points. */
const SUBJECTS = {
  dog: '1f436',
  cat: '1f431',
  tiger: '1f42f',
  penguin: '1f427',
  giraffe: '1f992',
  elephant: '1f418',
  bicycle: '1f6b2',
  car: '1f697',
  rocket: '1f680',
  ship: '1f6a2',
  tractor: '1f69c',
  bus: '1f68c',
  pizza: '1f355',
  apple: '1f34e',
  lemon: '1f34b',
  cake: '1f382',
  strawberry: '1f353',
  bread: '1f35e',
  fish: '1f41f',
  octopus: '1f419',
  butterfly: '1f98b',
  owl: '1f989',
  sunflower: '1f33b',
  tree: '1f333',
  house: '1f3e0',
  guitar: '1f3b8',
  camera: '1f4f7',
  snowman: '26c4',
  balloon: '1f388',
  crown: '1f451',
} as const;

const PAPERS = ['#ffffff', '#fdfbf7', '#f8fbfd', '#fbf9fd', '#f8fcfa'] as const;

const SHAPES = [
  [860, 760],
  [720, 800],
  [800, 800],
  [880, 720],
] as const;

/** Makes photographs of one thing each, on pale paper as the embedded model knows them, with the camera's time; returns their number. */
export async function madePhotographs(folder: string): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const subjects = Object.entries(SUBJECTS);
  for (const [i, [name, codePoint]] of subjects.entries()) {
    const [width, height] = SHAPES[i % SHAPES.length]!;
    const side = Math.round(0.86 * Math.min(width, height));
    const thing = await sharp(join(DRAWINGS, `${codePoint}.webp`))
      .resize(side, side)
      .toBuffer();
    const taken = `2025:${String(1 + (i % 12)).padStart(2, '0')}:${String(1 + (i % 28)).padStart(2, '0')} 12:00:00`;
    await sharp({ create: { width, height, channels: 3, background: PAPERS[i % PAPERS.length]! } })
      .composite([{ input: thing }])
      .withExif({ IFD2: { DateTimeOriginal: taken } })
      .jpeg({ quality: 88 })
      .toFile(join(folder, `${name}.jpg`));
  }
  return subjects.length;
}

/** Adds files as folders of photographs have them: a copy, one that is cut off, and one that is none. */
export function addOddFiles(folder: string): void {
  copyFileSync(join(folder, 'dog.jpg'), join(folder, 'dog (copy).jpg'));
  writeFileSync(join(folder, 'broken.jpg'), readFileSync(join(folder, 'cat.jpg')).subarray(0, 900));
  writeFileSync(join(folder, 'notes.txt'), 'no picture');
}
