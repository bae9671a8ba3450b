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

const SKIES = [
  ['#9fd3f5', '#eaf6fd', '#8cc36b'],
  ['#f6b98a', '#fbe5cf', '#b98a5a'],
  ['#5b86c4', '#cfe0f2', '#e9edf2'],
  ['#c7b7e8', '#f1ecfa', '#7fa08a'],
  ['#8ccfc4', '#eefaf6', '#d8c48f'],
] as const;

const SHAPES = [
  [960, 640],
  [640, 860],
  [800, 800],
  [1024, 576],
] as const;

/** Sky above, ground below, out of focus. */
const background = (width: number, height: number, [sky, horizon, ground]: readonly string[]): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
      `<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="${sky}"/><stop offset="1" stop-color="${horizon}"/></linearGradient></defs>` +
      `<rect width="100%" height="70%" fill="url(#sky)"/><rect y="68%" width="100%" height="32%" fill="${ground}"/></svg>`,
  );

/** Makes photographs of one thing each, with the camera's time; returns their number. */
export async function madePhotographs(folder: string): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const subjects = Object.entries(SUBJECTS);
  for (const [i, [name, codePoint]] of subjects.entries()) {
    const [width, height] = SHAPES[i % SHAPES.length]!;
    const side = Math.round(0.62 * Math.min(width, height));
    const thing = await sharp(join(DRAWINGS, `${codePoint}.webp`))
      .resize(side, side)
      .toBuffer();
    const left = Math.round((width - side) * (0.3 + 0.1 * (i % 5)));
    const taken = `2025:${String(1 + (i % 12)).padStart(2, '0')}:${String(1 + (i % 28)).padStart(2, '0')} 12:00:00`;
    await sharp(background(width, height, SKIES[i % SKIES.length]!))
      .blur(6)
      .composite([{ input: thing, left, top: Math.round((height - side) * 0.7) }])
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
